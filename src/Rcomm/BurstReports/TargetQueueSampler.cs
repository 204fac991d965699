using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;
using Rcomm.Burst;
using Rcomm.Listening.Addresses;
using Rcomm.Listening.HostQueues;

namespace Rcomm.BurstReports;

/// <summary>Samples the target's listen queue during a burst, if the target is on this host. Works for any server, since it asks the kernel.</summary>
internal sealed class TargetQueueSampler : IDisposable
{
    // Each sample takes about 30 µs of a core that the burst could use.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    // A run of an hour would otherwise fill the memory; beyond this the samples are thinned out.
    private const int MaxSamples = 20_000;

    private readonly record struct Reading(long Timestamp, int Depth, int Backlog, int Sockets, long? Drops);

    private readonly BurstTarget _target;
    private readonly HostQueueReader _reader = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly List<Reading> _readings = [];
    private Thread? _thread;
    private int _peak;

    private TargetQueueSampler(BurstTarget target) => _target = target;

    /// <summary>Starts sampling. There are no samples if the target isn't on this host or the kernel doesn't report the queue.</summary>
    public static TargetQueueSampler Start(BurstTarget target)
    {
        var sampler = new TargetQueueSampler(target);
        if (IsLocal(target) && sampler.TakeSample())
        {
            sampler._thread = new Thread(sampler.SampleUntilStopped) { Name = "listen queue", IsBackground = true };
            sampler._thread.Start();
        }
        return sampler;
    }

    /// <summary>Stops sampling. Returns null if the target's listen queue could not be read.</summary>
    /// <param name="startTimestamp">The start of the run, to which the samples are relative.</param>
    public TargetQueue? Stop(long startTimestamp)
    {
        if (_thread is null) return null;
        _stop.Set();
        _thread.Join();
        TakeSample();

        (Reading before, Reading after) = (_readings[0], _readings[^1]);
        return new(
            _target.Address, OwnerOf(_target), after.Sockets, after.Backlog, before.Depth, _peak, after.Depth, after.Drops - before.Drops,
            [.. _readings.Select(reading => new QueueSample(
                (long)Stopwatch.GetElapsedTime(startTimestamp, reading.Timestamp).TotalMicroseconds, reading.Depth, reading.Backlog,
                    reading.Drops - before.Drops))]);
    }

    public void Dispose()
    {
        _stop.Set();
        _thread?.Join();
        _reader.Dispose();
        _stop.Dispose();
    }

    private void SampleUntilStopped()
    {
        TimeSpan pause = Interval;
        while (!_stop.Wait(pause) && TakeSample())
        {
            if (_readings.Count < MaxSamples) continue;
            // Drop every other sample, and sample half as often from here on.
            int kept = 0;
            _readings.RemoveAll(_ => kept++ % 2 == 1);
            pause *= 2;
        }
    }

    private bool TakeSample()
    {
        try
        {
            List<HostQueue> queues = [.. (_target.EndPoint is IPEndPoint ip ? _reader.ReadTcp((ushort)ip.Port) : _reader.ReadUnix()).Where(IsTarget)];
            if (queues.Count == 0) return false;
            int depth = queues.Sum(queue => queue.Depth);
            _peak = Math.Max(_peak, depth);
            _readings.Add(new(Stopwatch.GetTimestamp(), depth, queues.Sum(queue => queue.Backlog), queues.Count, Drops(queues)));
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static long? Drops(List<HostQueue> queues) => queues.Exists(queue => queue.Drops is null) ? null : queues.Sum(queue => (long)queue.Drops!.Value);

    private bool IsTarget(HostQueue queue) => IsTarget(queue.Address, _target);

    private static bool IsTarget(ListenAddress address, BurstTarget target) =>
        target.EndPoint is not IPEndPoint ip ? address.IsUnix && address.ToString() == target.Address
        : address.IsEveryAddress
        || address.Port == ip.Port && (Equals(address.Ip, ip.Address)
            || Equals(address.Ip, ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any));

    private static string? OwnerOf(BurstTarget target)
    {
        HostQueueList queues = HostQueueList.Read(target.EndPoint is IPEndPoint ip ? (ushort)ip.Port : (ushort)0);
        List<SocketOwner> owners = [.. queues.Queues.Where(queue => IsTarget(queue.Address, target)).SelectMany(queue => queue.Owners).Distinct()];
        return owners.Count == 0 ? null : owners[0].ToString();
    }

    private static bool IsLocal(BurstTarget target) =>
        target.EndPoint is not IPEndPoint ip
        || IPAddress.IsLoopback(ip.Address) || ip.Address.Equals(IPAddress.Any) || ip.Address.Equals(IPAddress.IPv6Any)
        || NetworkInterface.GetAllNetworkInterfaces().SelectMany(card => card.GetIPProperties().UnicastAddresses).Any(own => own.Address.Equals(ip.Address));
}
