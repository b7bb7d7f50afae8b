namespace DeployOps.Tests.Child;

/// <summary>A wall clock that stands, so that the name of what is set aside is known before; time that passes is the machine's.</summary>
internal sealed class FixedTime : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(2026, 3, 5, 20, 0, 0, TimeSpan.Zero);
}
