namespace DeployOps.Host;

/// <summary>
/// One line that is rewritten in place, at most four times a second. Its owner holds a lock around every call and
/// writes the text that <see cref="Draw"/> and <see cref="Erase"/> return.
/// </summary>
/// <param name="isEnabled">False where there is no terminal that can rewrite a line; then every text is empty.</param>
/// <param name="time">The clock that the drawing is slowed down by.</param>
/// <param name="redraw">Called, from a timer's thread too, when there is something new to draw and it is time to.</param>
internal sealed class ProgressLine(bool isEnabled, TimeProvider time, Action redraw) : IDisposable
{
    private const string EraseLine = "\r\u001b[K";

    /// <summary>A reader follows no more than this, and a slow line carries no more.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // The last one is what changed last, and is shown.
    private readonly List<(int Activity, string Text)> _active = [];
    private ITimer? _timer;
    private long _drawnAt;
    private bool _wasDrawn;
    private bool _isOnScreen;
    private bool _isDue;

    /// <summary>Remembers what goes on with an activity, and draws it now or when it is time to.</summary>
    public void Show(int activity, string text)
    {
        if (!isEnabled)
        {
            return;
        }

        _active.RemoveAll(entry => entry.Activity == activity);
        _active.Add((activity, text));
        RedrawInTime();
    }

    /// <summary>Forgets an activity; with the last one the line goes too.</summary>
    public void End(int activity)
    {
        if (_active.RemoveAll(entry => entry.Activity == activity) == 0)
        {
            return;
        }

        if (_active.Count == 0)
        {
            redraw();
        }
        else
        {
            RedrawInTime();
        }
    }

    /// <summary>The text that draws the line where the cursor is; empty where nothing goes on.</summary>
    public string Draw(int columns)
    {
        if (_active.Count == 0)
        {
            return string.Empty;
        }

        _isOnScreen = true;
        _wasDrawn = true;
        _drawnAt = time.GetTimestamp();
        var text = _active[^1].Text;

        // The last column stays empty: some terminals wrap as soon as it is written.
        return text.Length < columns ? text : string.Concat(text.AsSpan(0, Math.Max(columns - 2, 0)), "…");
    }

    /// <summary>The text that takes the line away; empty where none is on the screen.</summary>
    public string Erase()
    {
        if (!_isOnScreen)
        {
            return string.Empty;
        }

        _isOnScreen = false;
        return EraseLine;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _active.Clear();
        _timer?.Dispose();
    }

    private void RedrawInTime()
    {
        var since = time.GetElapsedTime(_drawnAt);
        if (!_wasDrawn || since >= Interval)
        {
            redraw();
        }
        else if (!_isDue)
        {
            _isDue = true;
            _timer ??= time.CreateTimer(_ => Due(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _timer.Change(Interval - since, Timeout.InfiniteTimeSpan);
        }
    }

    private void Due()
    {
        _isDue = false;
        redraw();
    }
}
