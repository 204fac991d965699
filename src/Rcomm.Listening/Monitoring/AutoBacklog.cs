using Rcomm.Listening.Sockets;

namespace Rcomm.Listening.Monitoring;

/// <summary>Grows the backlog of a queue that asks for that, and says so.</summary>
internal sealed class AutoBacklog(ListenSocket socket, Action<QueueEvent> report)
{
    /// <summary>Grows it before it is full: while the accept loop's thread does not run, nobody can.</summary>
    public void IfHalfFull(QueueReading reading)
    {
        if (socket.RequestedBacklog.IsAuto && reading.Depth > reading.Backlog / 2) Grow();
    }

    public void Grow()
    {
        int before = socket.EffectiveBacklog ?? 0;
        if (socket.Grow()) report(new QueueEvent.BacklogGrew(socket.Name, before, socket.DescribeBacklog()));
    }

    /// <summary>Asks again where the kernel's cap was raised.</summary>
    public void ApplyRaisedCap()
    {
        int before = socket.EffectiveBacklog ?? 0;
        if (socket.ApplyRaisedCap()) report(new QueueEvent.BacklogRaised(socket.Name, before, socket.DescribeBacklog()));
    }
}
