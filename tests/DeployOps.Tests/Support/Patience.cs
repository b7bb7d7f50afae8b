using System.Diagnostics;

namespace DeployOps.Tests.Support;

/// <summary>Waits for what another thread is about to do.</summary>
internal static class Patience
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Ends when it is so; fails with its name where it is not within 30 s.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Stopwatch.GetElapsedTime(start).ShouldBeLessThan(Deadline, $"It did not come to {what}.");
            await Task.Delay(5);
        }
    }
}
