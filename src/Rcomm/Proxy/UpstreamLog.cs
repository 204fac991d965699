using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Rcomm.Proxy;

/// <summary>
/// Logs the state of one upstream: a line shortly after it begins to fail, one a minute while that continues, and one when it is back, however many
/// requests fail.
/// </summary>
internal sealed partial class UpstreamLog : IDisposable
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private readonly ILogger _logger;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly Timer _timer;

    // Used under the lock; _isFailing is also read without it.
    private readonly SortedDictionary<int, int> _byStatus = [];
    private volatile bool _isFailing;
    private bool _isScheduled;
    private string _reason = "";
    private long _failingSince;
    private long _countedSince;
    private long _lastLine = long.MinValue / 2;
    private long _lastBack = long.MinValue / 2;
    private bool _isBack;

    /// <param name="name">The subject of the log lines: <c>upstream http://127.0.0.1:3000</c>.</param>
    public UpstreamLog(ILogger logger, string name)
    {
        _logger = logger;
        _name = name;
        _timer = new Timer(_ => Write());
    }

    /// <summary>Records a failed request.</summary>
    /// <param name="status">The status sent to the client; 0 if it gets none.</param>
    public void Failed(string reason, int status)
    {
        lock (_lock)
        {
            long now = Environment.TickCount64;
            if (!_isFailing)
            {
                _isFailing = true;
                _failingSince = now;
            }
            if (_byStatus.Count == 0) _countedSince = now;
            _byStatus[status] = _byStatus.GetValueOrDefault(status) + 1;
            _reason = reason;
            _isBack = false;
            Schedule(_lastLine + (long)Interval.TotalMilliseconds);
        }
    }

    /// <summary>Records an answered request.</summary>
    public void Succeeded()
    {
        if (!_isFailing) return;
        lock (_lock)
        {
            if (!_isFailing) return;
            _isBack = true;
            long due = _lastBack + (long)Interval.TotalMilliseconds;
            // The failure is logged first; an upstream that fails intermittently is logged once a minute.
            if (_lastLine < _failingSince || Environment.TickCount64 < due)
            {
                Schedule(due);
                return;
            }
            WriteRecovery();
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        // Log what was counted and not logged yet.
        if (_isScheduled) Write();
    }

    private void Schedule(long due)
    {
        if (_isScheduled) return;
        _isScheduled = true;
        _timer.Change(TimeSpan.FromMilliseconds(Math.Max(FirstWait.TotalMilliseconds, due - Environment.TickCount64)), Timeout.InfiniteTimeSpan);
    }

    private void Write()
    {
        lock (_lock)
        {
            WriteFailures();
            if (_isBack) WriteRecovery();
        }
    }

    private void WriteFailures()
    {
        _isScheduled = false;
        if (_byStatus.Count == 0) return;
        long now = Environment.TickCount64;
        Down(_logger, _name, _reason, Counts(), Seconds(now - _countedSince));
        _byStatus.Clear();
        _lastLine = now;
    }

    private void WriteRecovery()
    {
        long now = Environment.TickCount64;
        Back(_logger, _name, Seconds(now - _failingSince), _byStatus.Count == 0 ? "" : $"; {Counts()} since the last line");
        _byStatus.Clear();
        (_isFailing, _isBack, _lastBack) = (false, false, now);
    }

    private string Counts() => string.Join(", ", _byStatus.Reverse().Select((one, i) => one.Key switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{one.Value} {(one.Value == 1 ? "attempt" : "attempts")} failed without an error for a client"),
        _ when i == 0 && one.Value == 1 => string.Create(CultureInfo.InvariantCulture, $"1 request answered {one.Key}"),
        _ when i == 0 => string.Create(CultureInfo.InvariantCulture, $"{one.Value} requests answered {one.Key}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{one.Value} answered {one.Key}"),
    }));

    private static long Seconds(long milliseconds) => Math.Max(1, (milliseconds + 500) / 1000);

    [LoggerMessage(34, LogLevel.Warning, "{Upstream}: {Reason}; {Counts} in the last {Seconds} s")]
    private static partial void Down(ILogger logger, string upstream, string reason, string counts, long seconds);

    [LoggerMessage(35, LogLevel.Information, "{Upstream} is back after {Seconds} s{Counts}")]
    private static partial void Back(ILogger logger, string upstream, long seconds, string counts);
}
