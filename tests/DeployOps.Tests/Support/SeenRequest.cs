namespace DeployOps.Tests.Support;

/// <summary>A request that came to a server of the loopback shop.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Server">The server: edge or an instance.</param>
/// <param name="Path">Its path.</param>
internal sealed record SeenRequest(string Method, string Server, string Path)
{
    /// <summary>The server and the path, as a hold names them.</summary>
    public string Address => $"{Server} {Path}";

    /// <summary>Whether it is one that changes nothing by its nature.</summary>
    public bool OnlyReads => Method is "GET" or "HEAD";

    public override string ToString() => $"{Method} {Address}";
}
