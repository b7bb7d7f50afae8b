namespace DeployOps.Adapters.Tests.Support;

/// <summary>What is not to have ended yet.</summary>
internal static class Still
{
    /// <summary>Fails where the work ends within this time: with its own fault where it has one.</summary>
    internal static async Task RunsAsync(Task work, TimeSpan time = default)
    {
        if (await Task.WhenAny(work, Task.Delay(time)) == work || work.IsCompleted)
        {
            await work;
            Assert.Fail("It ended, and was to wait.");
        }
    }
}
