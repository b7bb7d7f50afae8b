namespace DeployOps.Tests.Support;

/// <summary>Tests that host the engine in this process: one at a time, since environment variables belong to the process.</summary>
[CollectionDefinition(Name)]
public static class EngineCollection
{
    public const string Name = "Engine";
}
