using Rcomm.Burst.Engine.Sessions;
using Rcomm.Burst.Results;

namespace Rcomm.Burst.Engine.Http1;

/// <summary>One HTTP/1.1 request and its response, over TLS.</summary>
internal sealed class Http1Exchange : IExchange
{
    private const int BufferSize = 8 * 1024;

    public async Task RunAsync(Session session, Stream stream)
    {
        BurstRun run = session.Run;
        await stream.WriteAsync(run.Request);
        var reader = new ResponseReader(run.AnswerHasNoBody);
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            if (session.IsAnswered) continue;
            session.OnAnswerByte();
            ReadState state = reader.Feed(buffer.AsSpan(0, count));
            session.Status = reader.Status;
            if (state == ReadState.Complete) session.Answered(Outcomes.Of(state, reader.Status, run.Expected, atClose: false));
            else if (state == ReadState.Broken) session.Close(ConnectionOutcome.BadAnswer);
        }
        session.Close(Outcomes.Of(reader.AtClose(), reader.Status, run.Expected, atClose: true));
    }

    public void Ping()
    {
        // HTTP/1.1 has no pings.
    }

    public void Leave()
    {
        // Closing the connection is enough.
    }
}
