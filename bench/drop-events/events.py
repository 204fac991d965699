#!/usr/bin/env python3
"""What a listening socket counts as drops (SK_MEMINFO_DROPS): hand-made segments come in through a TUN device,
and three counters are read before and after each. Run by ./run, as root, in a network namespace of its own."""
import fcntl, os, select, socket, struct, sys, time

HOST, CLIENT = "10.77.0.1", "10.77.0.2"
FIN, SYN, RST, ACK = 1, 2, 4, 16
SO_MEMINFO, SO_ATTACH_FILTER, TCP_DEFER_ACCEPT, IP_MINTTL = 55, 26, 9, 21


def sysctl(name, value):
    with open("/proc/sys/" + name.replace(".", "/"), "w") as file:
        file.write(str(value))


def checksum(data):
    if len(data) % 2: data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16: total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Wire:
    """The other end of the cable."""

    def __init__(self):
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.fd, 0x400454CA, struct.pack("16sH", b"tun0", 0x1001))  # TUNSETIFF: IFF_TUN | IFF_NO_PI

    def ip(self, protocol, payload, ttl=64):
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 1, 0, ttl, protocol, 0,
                           socket.inet_aton(CLIENT), socket.inet_aton(HOST))
        os.write(self.fd, head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload)

    def tcp(self, source, port, flags, seq=1000, ack=0, options=b"", data=b"", ttl=64, spoil=0):
        options += b"\1" * (-len(options) % 4)
        body = struct.pack("!HHIIBBHHH", source, port, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, (5 + len(options) // 4) << 4, flags, 64240, 0, 0) + options + data
        pseudo = socket.inet_aton(CLIENT) + socket.inet_aton(HOST) + struct.pack("!BBH", 0, 6, len(body))
        body = body[:16] + struct.pack("!H", checksum(pseudo + body) ^ spoil) + body[18:]
        self.ip(6, body, ttl)

    def icmp(self, kind, code, quoted):
        message = struct.pack("!BBHI", kind, code, 0, 0) + quoted
        self.ip(1, message[:2] + struct.pack("!H", checksum(message)) + message[4:])

    def answer(self, source):
        """The SYN-ACK to our port, as the sequence number it carries; and the packet."""
        until = time.monotonic() + 1
        while time.monotonic() < until:
            select.select([self.fd], [], [], 0.2)
            try: packet = os.read(self.fd, 65536)
            except BlockingIOError: continue
            if packet[9] == 6 and struct.unpack("!H", packet[22:24])[0] == source and packet[33] & (SYN | ACK) == SYN | ACK:
                return struct.unpack("!I", packet[24:28])[0], packet
        return None, b""

    def empty(self):
        try:
            while True: os.read(self.fd, 65536)
        except BlockingIOError: pass


wire = Wire()
os.system(f"ip link set lo up; ip addr add {HOST}/24 dev tun0; ip link set tun0 up")
next_source = 20000


def source():
    global next_source
    next_source += 1
    return next_source


class Listener:
    def __init__(self, backlog=50, before=None):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if before: before(self.socket)
        self.socket.bind((HOST, 0))
        self.socket.listen(backlog)
        self.port = self.socket.getsockname()[1]

    def drops(self): return struct.unpack("9I", self.socket.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36))[8]

    def half_open(self, client, options=b""):
        wire.tcp(client, self.port, SYN, options=options)
        return wire.answer(client)

    def connect(self, client):
        isn, _ = self.half_open(client)
        wire.tcp(client, self.port, ACK, seq=1001, ack=isn + 1)

    def fill(self, backlog):
        for _ in range(backlog + 1): self.connect(source())


def netstat():
    lines = [line.split() for line in open("/proc/net/netstat") if line.startswith("TcpExt:")]
    return dict(zip(lines[0][1:], map(int, lines[1][1:])))


def measure(name, listener, act):
    time.sleep(0.05)
    before, drops = netstat(), listener.drops()
    act()
    time.sleep(0.1)
    after = netstat()
    others = [f"{key} {after[key] - before[key]}" for key in after
              if after[key] != before[key] and key not in ("ListenDrops", "ListenOverflows") and not key.startswith(("TCPOrig", "TCPHP", "TCPPure", "TCPAuto"))]
    print(f"| {name} | {listener.drops() - drops} | {after['ListenDrops'] - before['ListenDrops']} | {after['ListenOverflows'] - before['ListenOverflows']} | {', '.join(others)} |", flush=True)


print(f"Linux {os.uname().release}\n\n| event | socket | ListenDrops | ListenOverflows | other counters |\n|---|---|---|---|---|")

l = Listener(3); l.fill(3)
measure("a SYN meets a full listen queue", l, lambda: wire.tcp(source(), l.port, SYN))
same = source()
measure("the same client's SYN again, 1 s later (two attempts, one connection)", l, lambda: (wire.tcp(same, l.port, SYN), time.sleep(1), wire.tcp(same, l.port, SYN)))

l = Listener(3); l.fill(2)
a, b = source(), source(); isn_a, _ = l.half_open(a); isn_b, _ = l.half_open(b)
wire.tcp(a, l.port, ACK, seq=1001, ack=isn_a + 1)
measure("the last ACK of a handshake meets a full listen queue", l, lambda: wire.tcp(b, l.port, ACK, seq=1001, ack=isn_b + 1))

l = Listener()
measure("a whole handshake, nothing wrong", l, lambda: l.connect(source()))
measure("a stray RST", l, lambda: wire.tcp(source(), l.port, RST))
measure("a stray ACK", l, lambda: wire.tcp(source(), l.port, ACK, ack=77))
measure("a stray FIN", l, lambda: wire.tcp(source(), l.port, FIN))
measure("stray data (ACK with bytes)", l, lambda: wire.tcp(source(), l.port, ACK, ack=77, data=b"hello"))
measure("a SYN with FIN", l, lambda: wire.tcp(source(), l.port, SYN | FIN))
measure("a segment without flags", l, lambda: wire.tcp(source(), l.port, 0))
measure("a SYN with a wrong checksum", l, lambda: wire.tcp(source(), l.port, SYN, spoil=0x1234))
measure("a SYN with an MD5 signature that nobody agreed on", l, lambda: wire.tcp(source(), l.port, SYN, options=bytes([19, 18]) + bytes(16)))

c = source(); isn, packet = l.half_open(c)
measure("half open: the client repeats its SYN (it lost the SYN-ACK)", l, lambda: wire.tcp(c, l.port, SYN))
c = source(); isn, _ = l.half_open(c)
measure("half open: RST from the client", l, lambda: wire.tcp(c, l.port, RST, seq=1001))
c = source(); isn, _ = l.half_open(c)
measure("half open: RST outside of the window", l, lambda: wire.tcp(c, l.port, RST, seq=5_000_000))
c = source(); isn, _ = l.half_open(c)
measure("half open: an ACK of something else", l, lambda: wire.tcp(c, l.port, ACK, seq=1001, ack=isn + 99))
c = source(); isn, packet = l.half_open(c)
measure("half open: ICMP host unreachable", l, lambda: wire.icmp(3, 1, packet[:28]))
c = source(); isn, packet = l.half_open(c)
measure("half open: ICMP time exceeded", l, lambda: wire.icmp(11, 0, packet[:28]))
measure("ICMP host unreachable for no handshake of ours", l, lambda: wire.icmp(3, 1, struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 1, 0, 64, 6, 0, socket.inet_aton(HOST), socket.inet_aton(CLIENT)) + struct.pack("!HHI", l.port, 999, 1)))
c = source(); l.connect(c)
measure("waiting in the queue: RST from the client", l, lambda: wire.tcp(c, l.port, RST, seq=1001))
c = source(); l.connect(c)
measure("waiting in the queue: data from the client", l, lambda: wire.tcp(c, l.port, ACK, seq=1001, ack=1, data=b"x"))

sysctl("net.ipv4.tcp_synack_retries", 0)
l = Listener()
measure("half open: the client never answers, and the handshake times out", l, lambda: (wire.tcp(source(), l.port, SYN), time.sleep(3)))
sysctl("net.ipv4.tcp_synack_retries", 5)

l = Listener(before=lambda s: s.setsockopt(socket.IPPROTO_TCP, TCP_DEFER_ACCEPT, 5))
c = source(); isn, _ = l.half_open(c)
measure("TCP_DEFER_ACCEPT: the last ACK of a handshake, without data", l, lambda: wire.tcp(c, l.port, ACK, seq=1001, ack=isn + 1))
measure("TCP_DEFER_ACCEPT: then the request", l, lambda: wire.tcp(c, l.port, ACK, seq=1001, ack=isn + 1, data=b"GET / HTTP/1.1\r\n\r\n"))

l = Listener(before=lambda s: s.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 200))
measure("IP_MINTTL: a SYN from too far", l, lambda: wire.tcp(source(), l.port, SYN, ttl=64))

program = struct.pack("HBBI", 6, 0, 0, 0)
buffer = __import__("ctypes").create_string_buffer(program)
l = Listener(); l.socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, __import__("ctypes").addressof(buffer)))
measure("a socket filter (BPF) refuses the SYN, as rcomm's does while it drains", l, lambda: wire.tcp(source(), l.port, SYN))


def flood(listener, count):
    for _ in range(count): wire.tcp(source(), listener.port, SYN)


sysctl("net.ipv4.tcp_syncookies", 1)
l = Listener(8)
measure("20 SYNs to a backlog of 8, SYN cookies on, nobody completes", l, lambda: flood(l, 20))
wire.empty(); c = source(); isn, _ = l.half_open(c)
measure("... a handshake by cookie is completed", l, lambda: wire.tcp(c, l.port, ACK, seq=1001, ack=isn + 1))
measure("... an ACK with a wrong cookie", l, lambda: wire.tcp(source(), l.port, ACK, seq=1001, ack=123456))
l = Listener(3)
flood(l, 10); wire.empty(); waiting = []
for _ in range(5):
    c = source(); waiting.append((c, l.half_open(c)[0]))
for c, isn in waiting[:4]: wire.tcp(c, l.port, ACK, seq=1001, ack=isn + 1)
measure("... an ACK with a right cookie meets a full listen queue", l, lambda: wire.tcp(waiting[4][0], l.port, ACK, seq=1001, ack=waiting[4][1] + 1))
sysctl("net.ipv4.tcp_syncookies", 0)
l = Listener(8)
measure("20 SYNs to a backlog of 8, SYN cookies off, nobody completes", l, lambda: flood(l, 20))
