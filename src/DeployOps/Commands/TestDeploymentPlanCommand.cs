using System.Management.Automation;
using DeployOps.Pipeline;
using DeployOps.Plans;

namespace DeployOps.Commands;

/// <summary>Tests a deployment plan with every file it names, and whether it is approved as it is.</summary>
/// <remarks>
/// All mistakes are told at once, each with its line and column. Migrations, validations and smoke files are read too, so that nothing of that is
/// found in the middle of a window. Nothing is changed and nothing is asked over the network. A secret of fewer than 4 characters is warned of: it cannot be
/// kept out of logs and reports. So is a command of the deploy script that its session does not know where the plan is tested. What an earlier window of the environment saw of the same migrations on a restored backup is shown: locks, rewrites, time and the way back.
/// </remarks>
/// <example>
/// <code>Test-DeploymentPlan ./plan.psd1</code>
/// <para>Emits a PlanTest; a plan with mistakes is an error that lists them.</para>
/// </example>
/// <example>
/// <code>(Test-DeploymentPlan ./plan.psd1).Deviations</code>
/// <para>Shows what stands between this plan and its approval.</para>
/// </example>
[Cmdlet(VerbsDiagnostic.Test, "DeploymentPlan")]
[OutputType(typeof(PlanTest))]
public sealed class TestDeploymentPlanCommand : DeploymentCommand
{
    /// <summary>The plan file, a .psd1.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    private protected override async Task ProcessAsync()
    {
        var test = await new PlanTester(Ports).TestAsync(FullPath(Path));
        foreach (var warning in test.Warnings)
        {
            Reporter.Warn($"{warning}");
        }

        await EmitAsync(test);
        if (!test.IsValid)
        {
            await WriteErrorAsync(PlanReading.Invalid(test.ToString(), test.Errors, test));
        }
    }
}
