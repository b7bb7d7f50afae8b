namespace DeployOps.Host;

/// <summary>How the host ends; everything else is the script's own <c>exit n</c>.</summary>
internal static class ExitCodes
{
    /// <summary>The script came to its end, whatever it wrote to the error stream.</summary>
    public const int Success = 0;

    /// <summary>An error ended the script.</summary>
    public const int Failed = 1;

    /// <summary>The command line is wrong or the script is not there; nothing was run. EX_USAGE of sysexits.h, as pwsh has it.</summary>
    public const int Usage = 64;

    /// <summary>Added to a signal's number where that signal stopped the script, as shells do.</summary>
    public const int SignalBase = 128;
}
