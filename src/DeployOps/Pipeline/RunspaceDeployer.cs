using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using DeployOps.Errors;
using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Rollouts;
using DeployOps.Secrets;

namespace DeployOps.Pipeline;

/// <summary>
/// Runs the approved text of the deploy script in a fresh runspace that stops on errors and on native exit codes, with a time limit. All
/// streams are kept as evidence.
/// </summary>
internal sealed class RunspaceDeployer(Redactor redactor, TimeProvider timeProvider) : IInstanceDeployer
{
    private const int EvidenceLimit = 64 * 1024;

    public async Task<string> DeployAsync(DeployRequest request, CancellationToken cancellationToken)
    {
        // A stop that comes before the script has begun would find nothing to stop, and the script would run.
        cancellationToken.ThrowIfCancellationRequested();
        var host = new ScriptHost();
        using var runspace = RunspaceFactory.CreateRunspace(host, State());
        runspace.Open();
        using var shell = PowerShell.Create();
        shell.Runspace = runspace;
        shell.AddScript("param($Block, $Parameters) & $Block @Parameters")
            .AddParameter("Block", Parse(request))
            .AddParameter("Parameters", new Dictionary<string, object> { ["Instance"] = request.Instance, ["Version"] = request.Version, ["Window"] = request.Window });
        var evidence = new ScriptEvidence(shell, EvidenceLimit);

        var error = await RunAsync(shell, evidence, request, cancellationToken);

        var output = redactor.Redact(evidence.ToString());
        if (error is null && host.ExitCode is null or 0)
        {
            return output;
        }

        if (error is null)
        {
            throw Failed(request, $"it ended with exit code {host.ExitCode}", output, null);
        }

        // The cause is shown by whoever prints an error in full, so it goes along only where it holds no secret.
        throw Failed(request, redactor.Redact(error.Message), output, ErrorRecords.IsClean(error, redactor) ? error : null);
    }

    /// <inheritdoc/>
    public PlanError? FindMistake(string path, string text)
    {
        _ = Read(path, text, out var mistake);
        return mistake;
    }

    /// <inheritdoc/>
    public IReadOnlyList<PlanError> FindUnknown(string path, string text)
    {
        var script = Read(path, text, out var mistake);
        if (mistake is not null || ScriptCommands.Of(script!, path) is not { Count: > 0 } calls)
        {
            return [];
        }

        using var runspace = RunspaceFactory.CreateRunspace(new ScriptHost(), State());
        runspace.Open();
        return ScriptCommands.Unknown(calls, runspace);
    }

    private async Task<Exception?> RunAsync(PowerShell shell, ScriptEvidence evidence, DeployRequest request, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(request.Timeout, timeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var running = Task.Factory.FromAsync(shell.BeginInvoke<PSObject, PSObject>(null, evidence.Output), shell.EndInvoke);
        // Stopping a script waits until it has stopped: nothing of it runs on after this method.
        await using var registration = either.Token.Register(() => shell.BeginStop(null, null));
        try
        {
            await running;
            return null;
        }
        catch (PipelineStoppedException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DeployOpsException(
                "DeployScriptTimeout",
                FaultKind.Timeout,
                $"{Path.GetFileName(request.ScriptPath)} for {request.Instance.Name} ({request.Version}) was stopped after {request.Timeout}. It wrote: {redactor.Redact(evidence.ToString())}",
                "Find out what it waits for, or raise Rollout.DeployTimeout.");
        }
        catch (PipelineStoppedException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (RuntimeException e)
        {
            return e;
        }
    }

    private static InitialSessionState State()
    {
        var state = InitialSessionState.CreateDefault2();
        state.Variables.Add(new SessionStateVariableEntry("ErrorActionPreference", ActionPreference.Stop, null));
        state.Variables.Add(new SessionStateVariableEntry("PSNativeCommandUseErrorActionPreference", true, null));

        return state;
    }

    // Parsed with the script's own path, so that $PSScriptRoot is right although the bytes are the approved ones.
    private static ScriptBlock Parse(DeployRequest request)
    {
        var script = Read(request.ScriptPath, request.ScriptText, out var mistake);
        return mistake is null
            ? script!.GetScriptBlock()
            : throw new DeployOpsException("DeployScriptInvalid", FaultKind.InvalidData, mistake.ToString(), "Mend the script and approve the plan again.");
    }

    // The script is null only where there is a mistake.
    private static ScriptBlockAst? Read(string path, string text, out PlanError? mistake)
    {
        var script = ScriptText.Parse(text, path, out var errors);
        mistake = errors is [var first, ..]
            ? new PlanError(path, first.Extent.StartLineNumber, first.Extent.StartColumnNumber, "Deploy", first.Message.ReplaceLineEndings(" "))
            : null;
        return script;
    }

    private static DeployOpsException Failed(DeployRequest request, string reason, string output, Exception? cause) => new(
        "DeployScriptFailed",
        FaultKind.Failed,
        $"{Path.GetFileName(request.ScriptPath)} for {request.Instance.Name} ({request.Version}) failed: {PhaseFailure.Sentence(reason)}{(output.Length == 0 ? "" : $" It wrote: {output}")}",
        "Mend what it names.",
        cause);
}
