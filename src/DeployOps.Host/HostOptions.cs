namespace DeployOps.Host;

/// <summary>The host's command line.</summary>
/// <param name="ScriptPath">Full path of the script.</param>
/// <param name="Arguments">What follows the script, as it was typed.</param>
/// <param name="NonInteractive">Nobody is asked, even where standard input is a terminal.</param>
internal sealed record HostOptions(string ScriptPath, IReadOnlyList<string> Arguments, bool NonInteractive)
{
    private const string Usage = "Usage: DeployOps.Host [-NonInteractive] script.ps1 [-Name value ...]";

    /// <summary>Reads the command line. Only what stands before the script belongs to the host.</summary>
    /// <exception cref="UsageException">There is no script, or it is not a file that exists.</exception>
    public static HostOptions Parse(IReadOnlyList<string> arguments)
    {
        var nonInteractive = arguments is [var first, ..] && first.Equals("-NonInteractive", StringComparison.OrdinalIgnoreCase);
        var rest = arguments.Skip(nonInteractive ? 1 : 0).ToList();

        if (rest is not [var script, ..])
        {
            throw new UsageException($"No script was named. {Usage}");
        }

        if (!File.Exists(script))
        {
            throw new UsageException(script.StartsWith('-')
                ? $"The host knows no switch '{script}'. {Usage}"
                : $"There is no script '{Path.GetFullPath(script)}'. {Usage}");
        }

        if (!Path.GetExtension(script).Equals(".ps1", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"'{script}' does not end in .ps1, so the engine would not run it as a script. {Usage}");
        }

        return new HostOptions(Path.GetFullPath(script), rest.Skip(1).ToList(), nonInteractive);
    }
}
