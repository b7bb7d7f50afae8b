namespace DeployOps.Smoke;

/// <summary>Runs smoke files as the tests need it.</summary>
internal static class SmokeRuns
{
    public static readonly SmokeRunOptions Options = new() { RunId = "shop-2.4.0-1", Version = "1.2.3" };

    public static HurlFile Parse(string text, string path) => HurlFile.Parse(text, path);

    public static Task<SmokeSuite> RunAsync(LoopbackServer server, string text, params (string Name, object? Value)[] variables) =>
        RunAsync(server.Url, [Parse(text, "smoke/journey.hurl")], Options, variables);

    public static Task<SmokeSuite> RunAsync(
        string host,
        IReadOnlyList<HurlFile> files,
        SmokeRunOptions? options = null,
        (string Name, object? Value)[]? variables = null,
        CancellationToken cancellationToken = default)
    {
        var all = (variables ?? []).Append(("host", host)).ToDictionary(pair => pair.Item1, pair => pair.Item2);
        return new SmokeRunner(options ?? Options, TimeProvider.System).RunAsync(files, all, new SilentReporter(), cancellationToken);
    }
}
