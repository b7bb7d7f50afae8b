using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>One engine for all bad inputs: each has an environment of its own.</summary>
public sealed class BadInputEngine : IDisposable
{
    internal EngineHost Engine { get; } = new();

    public void Dispose() => Engine.Dispose();
}
