using System.Collections;
using System.Management.Automation;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Smoke;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Runs smoke tests: files of HTTP requests with captures and asserts, in a strict subset of the Hurl format.</summary>
/// <remarks>
/// In a window the plan's files run through its router, and a check that failed on the old version already is PreExisting and no failure. A suite
/// that fails goes back at once where the plan says Automatic. Without a plan, give the files and the variables they use. One SmokeResult is
/// emitted a suite, with .Checks.
/// </remarks>
/// <example>
/// <code>$window | Test-Smoke</code>
/// <para>Runs the plan's smoke files against the new version.</para>
/// </example>
/// <example>
/// <code>Test-Smoke ./smoke/*.hurl -Variable @{ host = 'http://127.0.0.1:8080' }</code>
/// <para>Runs files against any address, without a plan.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "Smoke", DefaultParameterSetName = WindowSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(SmokeResult))]
public sealed class TestSmokeCommand : PhaseCommand
{
    private const string PathSet = "Path";

    /// <summary>Smoke files. Wildcards are allowed, in folders too; files may be piped, each of which is a suite of its own then.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    /// <summary>The variables the files use, such as @{ host = 'http://127.0.0.1:8080' }.</summary>
    [Parameter(ParameterSetName = PathSet)]
    public Hashtable Variable { get; set; } = [];

    private protected override Task ProcessAsync() => ParameterSetName == PathSet
        ? RunFilesAsync()
        : RunPhaseAsync(new SmokePhase(), planned => ($"{Window.Service} in {Window.Environment}", $"Run {planned.Summary}"));

    private async Task RunFilesAsync()
    {
        var suite = new SmokeFiles(Ports, Reporter, await DoAsync(Resolve), Variables());
        var planned = suite.Plan();
        if (!await ShouldProcessAsync($"{planned.Checks.Count} files", $"Run {planned.Summary}"))
        {
            await EmitAsync(planned);
            return;
        }

        var result = await suite.RunAsync(Token);
        await EmitAsync(result);
        if (result.Outcome != PhaseOutcome.Succeeded)
        {
            await WriteErrorAsync(new DeployOpsException("SmokeFailed", FaultKind.Failed, result.Summary) { Target = result });
        }
    }

    private List<string> Resolve()
    {
        var files = Path.SelectMany(path => WildcardPattern.ContainsWildcardCharacters(path) ? Expand(path) : [FullPath(path)]).Distinct(StringComparer.Ordinal).ToList();
        return files.Count > 0
            ? files
            : throw new DeployOpsException("SmokeFileMissing", FaultKind.NotFound, $"No file matches {string.Join(", ", Path)}.", "Check the path.");
    }

    // A name with brackets that is there is that file; one that was piped is never a pattern.
    private IEnumerable<string> Expand(string pattern)
    {
        if (File.Exists(FullPath(pattern)))
        {
            return [FullPath(pattern)];
        }

        try
        {
            return GetResolvedProviderPathFromPSPath(pattern, out _).Where(File.Exists).Order(StringComparer.Ordinal);
        }
        catch (ItemNotFoundException)
        {
            return [];
        }
    }

    private Dictionary<string, object?> Variables() =>
        Variable.Cast<DictionaryEntry>().ToDictionary(entry => entry.Key.ToString()!, entry => entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value, StringComparer.Ordinal);
}
