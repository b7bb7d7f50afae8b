using System.Management.Automation;
using DeployOps.Pipeline;

namespace DeployOps.Tests.Probes;

/// <summary>A cmdlet that does on its worker what its script says, one word after another, and cleans up slowly.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Probe", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(string))]
public sealed class InvokeProbeCommand : DeploymentCommand
{
    // Long enough that a cmdlet that does not wait for its worker returns well before it.
    private static readonly TimeSpan CleanUp = TimeSpan.FromMilliseconds(300);

    /// <summary>Records what happened.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public ProbeTrace Trace { get; set; } = null!;

    /// <summary>Words: emit, error, warn, progress, change, ask, propose, name, wait, throw, fault, cancel, late.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public string[] Do { get; set; } = [];

    /// <summary>Something to bind from the pipeline.</summary>
    [Parameter(ValueFromPipeline = true)]
    public object? InputObject { get; set; }

    private protected override async Task ProcessAsync()
    {
        using var work = Trace.Work();
        try
        {
            Reporter.Progress("Probe", "working");
            foreach (var word in Do)
            {
                await ActAsync(word);
                Trace.Steps.Enqueue(word);
            }
        }
        finally
        {
            await Task.Delay(CleanUp, CancellationToken.None);
            Trace.Steps.Enqueue("cleaned up");
        }
    }

    private Task ActAsync(string word) => word switch
    {
        "emit" => EmitAsync("emitted"),
        "error" => WriteErrorAsync(new DeployOpsException("ProbeJudged", FaultKind.Failed, "The probe judged.")),
        "warn" => Told(() => Reporter.Warn("The probe warns.")),
        "progress" => Told(() => Reporter.Progress("Probe again", "working still")),
        "change" => ChangeAsync(),
        "ask" => AskAsync(Reporter.AskAsync("Go on?", Token)),
        "propose" => AskAsync(Reporter.ProposeAsync("Go back?", Token)),
        "name" => NameAsync(),
        "wait" => WaitAsync(),
        "throw" => throw new DeployOpsException("ProbeFailed", FaultKind.Busy, "The probe failed.") { Target = "the probe" },
        "fault" => throw new InvalidOperationException("The probe broke."),
        "cancel" => throw new OperationCanceledException("The probe cancelled by itself."),
        _ => throw new ArgumentException($"The probe does not know '{word}'."),
    };

    private async Task WaitAsync()
    {
        Trace.Waiting.Set();
        await Task.Delay(Timeout.Infinite, Token);
    }

    private async Task ChangeAsync()
    {
        if (await ShouldProcessAsync("the probe", "Change it"))
        {
            Trace.Steps.Enqueue("changed");
        }

        await EmitAsync(IsWhatIf ? "what if" : "for real");
    }

    private async Task AskAsync(Task<bool?> asked)
    {
        var answer = await asked;
        Trace.Steps.Enqueue($"answer: {(answer is null ? "nobody" : answer.Value ? "yes" : "no")}");
    }

    private async Task NameAsync()
    {
        var answer = await Reporter.AskTextAsync("Who?", Token);
        Trace.Steps.Enqueue($"name: {answer ?? "nobody"}");
    }

    private static Task Told(Action tell)
    {
        tell();
        return Task.CompletedTask;
    }
}
