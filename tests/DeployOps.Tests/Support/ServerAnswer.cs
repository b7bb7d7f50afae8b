namespace DeployOps.Tests.Support;

/// <summary>What a server of the loopback shop answers.</summary>
internal sealed record ServerAnswer(int Status, string Body)
{
    public static ServerAnswer Ok(string body) => new(200, body);
}
