namespace DeployOps.Smoke;

/// <summary>What the loopback server answers.</summary>
internal sealed record Reply(int Status, string Body = "", params (string Name, string Value)[] Headers)
{
    /// <summary>Nothing is answered before this has ended.</summary>
    public Task Before { get; init; } = Task.CompletedTask;

    public static Reply Json(string json) => new(200, json, ("Content-Type", "application/json"));
}
