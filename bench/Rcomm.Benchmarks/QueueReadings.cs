using BenchmarkDotNet.Attributes;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.Monitoring;
using Rcomm.Listening.Sockets;

namespace Rcomm.Benchmarks;

/// <summary>The cost of reading a listen queue: two system calls for TCP, a netlink query for a Unix socket.</summary>
public class QueueReadings
{
    private readonly ListenSocket _tcp = ListenSocket.Open(ListenAddress.Parse("127.0.0.1:0"));
    private readonly ListenSocket _unix = ListenSocket.Open(ListenAddress.Parse("unix:@rcomm-benchmark"));

    [GlobalCleanup]
    public void Close()
    {
        _tcp.Dispose();
        _unix.Dispose();
    }

    [Benchmark]
    public QueueReading? Read_a_TCP_queue() => _tcp.ReadQueue();

    [Benchmark]
    public QueueReading? Read_a_Unix_queue() => _unix.ReadQueue();
}
