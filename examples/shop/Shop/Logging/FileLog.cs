using System.Globalization;

namespace Shop.Logging;

/// <summary>Writes log lines at the end of a file, or to the error stream where no file was named.</summary>
internal sealed class FileLog(string? path, TimeProvider clock) : ILoggerProvider
{
    private readonly Lock _turn = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    /// <summary>Writes one line: time, level, source, text.</summary>
    public void Write(LogLevel level, string source, string text)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():O} {level} {source}: {text}{Environment.NewLine}");
        lock (_turn)
        {
            if (path is null)
            {
                Console.Error.Write(line);
                return;
            }

            // Opened for each line: the shell that started the process appends to the same file, and a stream kept open would write over it.
            File.AppendAllText(path, line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
