using Rcomm.Burst.Engine.Http1;
using Rcomm.Burst.Results;
using Rcomm.Shared.Linux;

namespace Rcomm.Burst.Engine;

/// <summary>Maps errors and the ends of responses to outcomes.</summary>
internal static class Outcomes
{
    public static ConnectionOutcome Of(ReadState state, int status, StatusRanges expected, bool atClose) => state switch
    {
        ReadState.Complete => Of(status, expected),
        ReadState.NeedsMore when atClose => ConnectionOutcome.ClosedWithoutAnswer,
        _ => ConnectionOutcome.BadAnswer,
    };

    public static ConnectionOutcome Of(int status, StatusRanges expected) =>
        expected.Contains(status) ? ConnectionOutcome.Answered : ConnectionOutcome.WrongStatus;

    public static ConnectionOutcome Of(Errno error, bool connected) => error switch
    {
        Errno.ECONNREFUSED => ConnectionOutcome.Refused,
        Errno.ECONNRESET or Errno.ECONNABORTED or Errno.EPIPE => ConnectionOutcome.Reset,
        Errno.ETIMEDOUT => connected ? ConnectionOutcome.TimedOutWaiting : ConnectionOutcome.TimedOutConnecting,
        Errno.EHOSTUNREACH or Errno.ENETUNREACH or Errno.EHOSTDOWN => ConnectionOutcome.Unreachable,
        _ => throw LocalFailure.Of(error, connected ? "recv" : "connect"),
    };
}
