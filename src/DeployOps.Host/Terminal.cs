namespace DeployOps.Host;

/// <summary>
/// The process's three standard streams and what is known of them. The only place that touches the console: text and the
/// progress line share it under one lock, so neither tears the other.
/// </summary>
internal sealed class Terminal : IDisposable
{
    /// <summary>Columns where output is no terminal: wide enough for the module's tables, fixed so that logs compare.</summary>
    public const int PipeWidth = 120;

    private readonly Lock _gate = new();
    private readonly StandardStream _output = new(Console.OpenStandardOutput());
    private readonly StandardStream _error = new(Console.OpenStandardError());
    private readonly ProgressLine _progress;
    private bool _atLineStart = true;

    public Terminal(TimeProvider time)
    {
        OutputIsTerminal = !Console.IsOutputRedirected;
        ErrorIsTerminal = !Console.IsErrorRedirected;
        InputIsTerminal = !Console.IsInputRedirected;

        var isDumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        // https://no-color.org: set and not empty means no colour, whatever its value.
        var noColour = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        OutputHasColour = OutputIsTerminal && !isDumb && !noColour;
        ErrorHasColour = ErrorIsTerminal && !isDumb && !noColour;
        _progress = new ProgressLine(OutputIsTerminal && !isDumb, time, Redraw);
    }

    public bool OutputIsTerminal { get; }

    public bool ErrorIsTerminal { get; }

    public bool InputIsTerminal { get; }

    public bool OutputHasColour { get; }

    public bool ErrorHasColour { get; }

    /// <summary>Columns and rows of the terminal; <see cref="PipeWidth"/> columns where output goes elsewhere.</summary>
    public (int Columns, int Rows) Size => OutputIsTerminal && Console.WindowWidth > 0
        ? (Console.WindowWidth, Math.Max(Console.WindowHeight, 1))
        : (PipeWidth, 50);

    /// <summary>Writes to standard output; <paramref name="text"/> brings its own line ends.</summary>
    public void Write(string text) => Write(_output, text);

    /// <summary>Writes to standard error; <paramref name="text"/> brings its own line ends.</summary>
    public void WriteError(string text) => Write(_error, text);

    /// <summary>Says what goes on, on the terminal's last line; does nothing where output is no terminal.</summary>
    public void ShowProgress(int activity, string text)
    {
        lock (_gate)
        {
            _progress.Show(activity, text);
        }
    }

    /// <summary>Takes an activity off the progress line.</summary>
    public void EndProgress(int activity)
    {
        lock (_gate)
        {
            _progress.End(activity);
        }
    }

    /// <summary>Leaves the terminal to somebody else: a child process, a person who types.</summary>
    public void HideProgress()
    {
        lock (_gate)
        {
            _output.Write(_progress.Erase());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _output.Write(_progress.Erase());
            _progress.Dispose();
        }
    }

    private void Write(StandardStream stream, string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        lock (_gate)
        {
            _output.Write(_progress.Erase());
            stream.Write(text);
            _atLineStart = text[^1] == '\n';
            _output.Write(_atLineStart ? _progress.Draw(Size.Columns) : string.Empty);
        }
    }

    private void Redraw()
    {
        lock (_gate)
        {
            if (_atLineStart)
            {
                _output.Write(_progress.Erase() + _progress.Draw(Size.Columns));
            }
        }
    }
}
