using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Smoke;
using DeployOps.Windows.Homes;

namespace DeployOps.Windows;

/// <summary>A plan with the bytes of every file it covers: as they are on the disk, or as the window keeps them.</summary>
internal sealed class WindowPlan
{
    private WindowPlan(DeploymentPlan plan, ApprovedFiles files, IReadOnlyList<PlanUse> uses, DeployOpsException? changes)
    {
        Plan = plan;
        Files = files;
        Uses = uses;
        Changes = changes;
    }

    internal DeploymentPlan Plan { get; }

    internal ApprovedFiles Files { get; }

    /// <summary>Every reference of the plan.</summary>
    internal IReadOnlyList<PlanUse> Uses { get; }

    /// <summary>How the disk differs from what the window keeps; null where it does not. Going forward refuses then, going back does not mind.</summary>
    internal DeployOpsException? Changes { get; }

    /// <summary>Reads a plan that has no window yet.</summary>
    internal static WindowPlan OnDisk(string path, Ports ports)
    {
        var reading = ports.Plans.Read(path);
        var plan = reading.Require();
        var files = PlanFiles.Capture(reading);
        // Before anything is said of the files: a message may quote one.
        SmokeCredentials.Learn(plan, files, ports.Redactor);
        PlanTester.RequireForm(plan, files, ports.Deployer);

        return new WindowPlan(plan, files, reading.Uses, null);
    }

    /// <summary>Reads the plan that is in force in a window, from the bytes it keeps.</summary>
    /// <exception cref="DeployOpsException"><c>KeptFileInvalid</c> where a kept file is not what was approved; <c>PlanInvalid</c> where a reference yields nothing any more.</exception>
    /// <param name="session">The window's log.</param>
    /// <param name="ports">The world.</param>
    /// <param name="spared">One of <see cref="SparedSections"/>; null where everything is needed.</param>
    internal static WindowPlan InForce(WindowSession session, Ports ports, IReadOnlyList<string>? spared = null)
    {
        var facts = session.Facts;
        var (plan, files, uses) = Read(session.Folder, facts.Opening.PlanPath, facts.Files, ports, spared);

        return new WindowPlan(plan, files, uses, Compare(facts, files, ports));
    }

    /// <summary>Reads a plan that is, or was, in force in a window, from the bytes it keeps.</summary>
    /// <exception cref="DeployOpsException"><c>KeptFileInvalid</c>; <c>PlanInvalid</c>.</exception>
    internal static (DeploymentPlan Plan, ApprovedFiles Files) Kept(string folder, string path, IReadOnlyList<KeptFile> kept, Ports ports, IReadOnlyList<string>? spared)
    {
        var (plan, files, _) = Read(folder, path, kept, ports, spared);
        return (plan, files);
    }

    private static (DeploymentPlan Plan, ApprovedFiles Files, IReadOnlyList<PlanUse> Uses) Read(string folder, string path, IReadOnlyList<KeptFile> kept, Ports ports, IReadOnlyList<string>? spared)
    {
        var files = KeptFiles.ReadAll(folder, path, kept);
        var reading = ports.Plans.ReadKept(path, files, spared);
        var plan = reading.Require();
        SmokeCredentials.Learn(plan, files, ports.Redactor);

        return (plan, files, reading.Uses);
    }

    /// <summary>The plan as it is on the disk, for a window that goes on with that instead of this one.</summary>
    /// <exception cref="DeployOpsException">What keeps it from being any plan, or this window's: no reason goes against that.</exception>
    internal WindowPlan Taken(WindowFacts facts, Ports ports)
    {
        var disk = OnDisk(Plan.Path, ports);
        FileDeviationRule.Require(facts, Plan, disk.Plan);

        return disk;
    }

    /// <summary>Keeps the files in a window's folder and tells what was kept.</summary>
    internal IReadOnlyList<KeptFile> Keep(string folder) => KeptFiles.Write(folder, Files);

    private static DeployOpsException? Compare(WindowFacts facts, ApprovedFiles kept, Ports ports)
    {
        try
        {
            var present = PlanFiles.Capture(ports.Plans.Read(facts.Opening.PlanPath));
            var differences = kept.DifferencesTo(present);
            return differences.Count == 0 ? null : Changed(facts, string.Join(", ", differences));
        }
        catch (DeployOpsException e)
        {
            return Changed(facts, e.Fact.ReplaceLineEndings(" "), "Put the files back: nobody can go on with what is on the disk.");
        }
    }

    /// <summary>The refusal of what a window was not approved with.</summary>
    internal static DeployOpsException Changed(WindowFacts facts, string what, string next = "Put the files back, or give a reason with -Deviation to go on with what is on the disk.") => new(
        "PlanChanged",
        FaultKind.Security,
        $"What {facts.Opening.Id} was approved with is not what is on the disk: {PhaseFailure.Sentence(what)}",
        next);
}
