using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Rcomm.Listening.Accepting;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sizing;
using Rcomm.Listening.Sockets;

namespace Rcomm.Benchmarks;

/// <summary>The cost of an accept, and what the monitor adds to it, for one connection.</summary>
public class Accepting
{
    private const int Connections = 1000;

    private readonly List<Socket> _clients = [];
    private readonly List<AcceptedConnection> _accepted = [];
    private ListenSocket _listener = null!;
    private QueueAcceptor _acceptor = null!;
    private QueueMonitor? _monitor;

    public enum Watching
    {
        Nothing,
        Queue,
        QueueAndAcceptWait,
    }

    [ParamsAllValues]
    public Watching Watch { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _listener = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"), new() { Backlog = Backlog.Of(Connections) });
        _acceptor = QueueAcceptor.For(_listener, AcceptMethod.Accept4, null);
        _monitor = Watch == Watching.Nothing ? null : new QueueMonitor(_listener, new() { AcceptWait = Watch == Watching.QueueAndAcceptWait });
    }

    [IterationSetup]
    public void Connect()
    {
        for (int i = 0; i < Connections; i++)
        {
            // A reset at the end leaves no port in TIME_WAIT.
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new(true, 0) };
            client.Connect(IPAddress.Loopback, _listener.Address.Port);
            _clients.Add(client);
        }
    }

    [Benchmark(OperationsPerInvoke = Connections)]
    public void Accept()
    {
        for (int i = 0; i < Connections; i++)
        {
            _monitor?.BeforeAccept(first: i == 0, ahead: null);
            AcceptResult accepted = _acceptor.Accept();
            _monitor?.Accepted(accepted.Descriptor);
            _accepted.Add(new(accepted.Descriptor, accepted.Peer, place: null));
        }
    }

    [IterationCleanup]
    public void Disconnect()
    {
        foreach (IDisposable socket in _clients.Concat<IDisposable>(_accepted)) socket.Dispose();
        _clients.Clear();
        _accepted.Clear();
    }

    [GlobalCleanup]
    public void Close()
    {
        _acceptor.Dispose();
        _listener.Dispose();
    }
}
