# A new connection every 10 ms that asks for a page: the status and the milliseconds of each. Usage: others.py PORT SECONDS
import socket
import sys
import threading
import time

port, seconds = int(sys.argv[1]), float(sys.argv[2])
request = b"GET / HTTP/1.1\r\nHost: others\r\nConnection: close\r\n\r\n"


def ask():
    began = time.monotonic()
    status = "000"
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(request)
            status = client.recv(4096)[9:12].decode("latin-1") or "000"
    except OSError:
        pass
    print(status, round((time.monotonic() - began) * 1000, 2), flush=True)


end = time.monotonic() + seconds
threads = []
while time.monotonic() < end:
    threads.append(threading.Thread(target=ask))
    threads[-1].start()
    time.sleep(0.01)
for thread in threads:
    thread.join()
