using DeployOps.Core.Tests.Support;
using DeployOps.Phases;

namespace DeployOps.Core.Tests.Phases;

/// <summary>A window of the shop whose phases do what a test says.</summary>
public abstract class PhaseRunnerFrame : IDisposable
{
    private Release? opened;

    public void Dispose()
    {
        opened?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static Task<PhaseOutcome> Succeeds(PhaseContext context) => Task.FromResult(PhaseOutcome.Succeeded);

    private protected static Task<PhaseOutcome> Fails(PhaseContext context) => Task.FromResult(PhaseOutcome.Failed);

    private protected static async Task UntilAsync(Func<bool> isSo)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            TimeProvider.System.GetElapsedTime(start).ShouldBeLessThan(Patience.Longest);
            await Task.Delay(5);
        }
    }

    private protected async Task<Release> OpenAsync(string rollback = "When = 'Automatic'", string databases = "", TimeSpan? duration = null, string more = "", double faster = 10) =>
        opened = await Release.OpenAsync(rollback, databases, duration, more, faster);
}
