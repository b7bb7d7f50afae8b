namespace Shop.Logging;

/// <summary>One source of log lines.</summary>
internal sealed class FileLogger(FileLog log, string source) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = formatter(state, exception);
        log.Write(logLevel, source, exception is null ? text : $"{text} {exception}");
    }
}
