namespace DeployOps.Incidents;

/// <summary>An incident that is open now.</summary>
/// <param name="Name">What people call it by, such as <c>example/shop#42</c> or the freeze file's name.</param>
/// <param name="Reason">What it is about, in its author's words.</param>
public sealed record Incident(string Name, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Reason}";
}
