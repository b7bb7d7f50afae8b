namespace DeployOps.Core.Tests.Support;

/// <summary>A clock that runs faster than the machine's, so that what waits for a second waits for a part of one. Its day is always the same.</summary>
internal sealed class ScaledTime(double factor) : TimeProvider
{
    public static readonly DateTimeOffset Day = new(2026, 3, 5, 20, 0, 0, TimeSpan.Zero);

    private readonly long start = System.GetTimestamp();

    /// <summary>What the wall clock is off by; the time that passes is not touched.</summary>
    public TimeSpan Shift { get; set; }

    /// <summary>Done each time somebody asks what time it is, as a journal does while it writes a record.</summary>
    public Action OnNow { get; set; } = () => { };

    public override DateTimeOffset GetUtcNow()
    {
        OnNow();
        return Day + GetElapsedTime(0) + Shift;
    }

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => (long)((System.GetTimestamp() - start) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, Scale(dueTime), Scale(period));

    private TimeSpan Scale(TimeSpan time) => time > TimeSpan.Zero ? time / factor : time;
}
