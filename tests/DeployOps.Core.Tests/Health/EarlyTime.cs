using Microsoft.Extensions.Time.Testing;

namespace DeployOps.Core.Tests.Health;

/// <summary>A fake clock whose timers fire a moment before their time, as a machine's may.</summary>
internal sealed class EarlyTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan TooEarly = TimeSpan.FromMilliseconds(300);

    /// <summary>How many were made.</summary>
    public int EarlyTimers { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        EarlyTimers++;
        return base.CreateTimer(callback, state, dueTime > TooEarly ? dueTime - TooEarly : dueTime, period);
    }
}
