using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Monitoring;

/// <summary>Grows an automatic backlog, and reports it.</summary>
internal sealed class AutoBacklog(ListenSocket socket, Action<QueueEvent> report)
{
    /// <summary>Grows the backlog before the queue is full, since nothing can grow it while the accept loop's thread isn't running.</summary>
    public void IfHalfFull(QueueReading reading)
    {
        if (socket.RequestedBacklog.IsAuto && reading.Depth > reading.Backlog / 2) Grow();
    }

    public void Grow()
    {
        int before = socket.EffectiveBacklog ?? 0;
        if (socket.Grow()) report(new QueueEvent.BacklogGrew(socket.Name, before, socket.DescribeBacklog()));
    }

    /// <summary>Requests the backlog again if the kernel's cap was raised.</summary>
    public void ApplyRaisedCap()
    {
        int before = socket.EffectiveBacklog ?? 0;
        if (socket.ApplyRaisedCap()) report(new QueueEvent.BacklogRaised(socket.Name, before, socket.DescribeBacklog()));
    }
}
