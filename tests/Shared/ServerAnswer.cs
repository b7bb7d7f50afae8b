namespace DeployOps.Tests.Shared;

/// <summary>What a server on loopback answers.</summary>
internal sealed record ServerAnswer(int Status, string Body)
{
    public (string Name, string Value)[] Headers { get; init; } = [];

    public static ServerAnswer Ok(string body) => new(200, body);
}
