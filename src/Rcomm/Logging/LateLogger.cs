using Microsoft.Extensions.Logging;

namespace Rcomm.Logging;

/// <summary>A logger for what is made before the server's own is there; until then it says nothing.</summary>
internal sealed class LateLogger : ILogger
{
    private volatile ILogger? _logger;

    public void Begin(ILogger logger) => _logger = logger;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => _logger?.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => _logger?.IsEnabled(logLevel) == true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _logger?.Log(logLevel, eventId, state, exception, formatter);
}
