namespace DeployOps.Core.Tests.Support;

/// <summary>The longest a test waits for what another thread or process does; what works is there in milliseconds.</summary>
internal static class Patience
{
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
}
