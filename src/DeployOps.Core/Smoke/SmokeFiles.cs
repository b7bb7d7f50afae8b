using DeployOps.Gates;
using DeployOps.Phases;
using DeployOps.Windows;

namespace DeployOps.Smoke;

/// <summary>Runs smoke files without a plan and without a window.</summary>
public sealed class SmokeFiles
{
    private readonly Ports ports;
    private readonly IStepReporter reporter;
    private readonly List<HurlFile> files;
    private readonly IReadOnlyDictionary<string, object?> variables;

    /// <summary>Reads the files.</summary>
    /// <exception cref="DeployOpsException"><c>SmokeFileMissing</c>, <c>SmokeFileInvalid</c>.</exception>
    public SmokeFiles(Ports ports, IStepReporter reporter, IReadOnlyList<string> paths, IReadOnlyDictionary<string, object?> variables)
    {
        this.ports = ports;
        this.reporter = reporter;
        this.variables = variables;
        files = [.. paths.Select(Read)];
        foreach (var secret in files.SelectMany(file => file.Credentials))
        {
            ports.Redactor.Register(secret);
        }
    }

    /// <summary>What would run, without sending anything.</summary>
    public SmokeResult Plan()
    {
        var checks = SmokePlanner.Plan(files, variables, ports.Redactor.Redact);
        return new SmokeResult { Outcome = PhaseOutcome.Planned, Summary = $"{checks.Count} smoke files, {checks.Sum(check => check.Requests)} requests", Checks = checks };
    }

    /// <summary>Runs them.</summary>
    public async Task<SmokeResult> RunAsync(CancellationToken cancellationToken)
    {
        var startedAt = ports.TimeProvider.GetUtcNow();
        var start = ports.TimeProvider.GetTimestamp();
        var options = new SmokeRunOptions
        {
            RunId = $"smoke-{startedAt:yyyyMMddTHHmmss}",
            OnSecret = secret => ports.Redactor.Register(secret),
            Redact = ports.Redactor.Redact,
        };
        var suite = await new SmokeRunner(options, ports.TimeProvider).RunAsync(files, variables, reporter, cancellationToken);

        return new SmokeResult
        {
            Outcome = suite.Verdict == GateVerdict.Pass ? PhaseOutcome.Succeeded : PhaseOutcome.Failed,
            Summary = suite.Summary,
            Checks = suite.Checks,
            StartedAt = startedAt,
            Duration = ports.TimeProvider.GetElapsedTime(start),
        };
    }

    private static HurlFile Read(string path)
    {
        try
        {
            return HurlFile.Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeployOpsException("SmokeFileMissing", FaultKind.NotFound, $"{path} could not be read: {e.Message}", "Check the path.", e) { Target = path };
        }
    }
}
