using System.Globalization;

namespace Shop.Load;

/// <summary>Counts the requests of a load.</summary>
internal sealed class LoadTally(TimeProvider clock)
{
    private const int Remembered = 20;
    private readonly Lock _turn = new();
    private readonly Queue<string> _failures = [];
    private long _sent;
    private long _failed;
    private long _refused;
    private int _inFlight;

    /// <summary>A request begins.</summary>
    public void Begin()
    {
        lock (_turn)
        {
            _inFlight++;
        }
    }

    /// <summary>A request ended.</summary>
    /// <param name="what">The request, for the list of failures.</param>
    /// <param name="status">Its status, or null where no answer came.</param>
    /// <param name="reason">Why no answer came.</param>
    public void End(string what, int? status, string reason)
    {
        lock (_turn)
        {
            _inFlight--;
            _sent++;
            if (status is >= 400 and < 500)
            {
                _refused++;
            }
            else if (status is null or >= 500)
            {
                _failed++;
                _failures.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():O} {what}: {(status is null ? reason : status)}"));
                if (_failures.Count > Remembered)
                {
                    _failures.Dequeue();
                }
            }
        }
    }

    /// <summary>The counts as they are now.</summary>
    public LoadReport Report(bool finished)
    {
        lock (_turn)
        {
            return new LoadReport(_sent, _failed, _refused, _inFlight, finished, [.. _failures]);
        }
    }
}
