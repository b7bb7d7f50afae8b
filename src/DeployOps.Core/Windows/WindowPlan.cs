using DeployOps.Phases;
using DeployOps.Plans;
using DeployOps.Smoke;

namespace DeployOps.Windows;

/// <summary>A plan with the bytes of every file it covers: as they are on the disk, or as the window keeps them.</summary>
internal sealed class WindowPlan
{
    private readonly ApprovedFiles? disk;

    private WindowPlan(DeploymentPlan plan, ApprovedFiles files, ApprovedFiles? disk, DeployOpsException? changes)
    {
        this.disk = disk;
        Plan = plan;
        Files = files;
        Changes = changes;
    }

    internal DeploymentPlan Plan { get; }

    internal ApprovedFiles Files { get; }

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

        return new WindowPlan(plan, files, files, null);
    }

    /// <summary>Reads the plan that is in force in a window, from the bytes it keeps.</summary>
    /// <exception cref="DeployOpsException"><c>KeptFileInvalid</c> where a kept file is not what was approved; <c>PlanInvalid</c> where a reference yields nothing any more.</exception>
    internal static WindowPlan InForce(WindowSession session, Ports ports, bool goesBack = false)
    {
        var facts = session.Facts;
        var (plan, files) = Kept(session, facts.Files, ports, goesBack);
        var (present, changes) = Compare(facts, files, ports);

        return new WindowPlan(plan, files, present, changes);
    }

    /// <summary>Reads a plan that is, or was, in force in a window, from the bytes it keeps.</summary>
    /// <exception cref="DeployOpsException"><c>KeptFileInvalid</c>; <c>PlanInvalid</c>.</exception>
    internal static (DeploymentPlan Plan, ApprovedFiles Files) Kept(WindowSession session, IReadOnlyList<KeptFile> kept, Ports ports, bool goesBack)
    {
        var path = session.Facts.Opening.PlanPath;
        var files = KeptFiles.ReadAll(session.Folder, path, kept);
        var plan = ports.Plans.ReadKept(path, files, goesBack).Require();
        SmokeCredentials.Learn(plan, files, ports.Redactor);

        return (plan, files);
    }

    /// <summary>Keeps the disk's bytes in the window's folder and tells what was kept.</summary>
    internal IReadOnlyList<KeptFile> KeepDisk(string folder) => KeptFiles.Write(folder, disk ?? Files);

    private static (ApprovedFiles? Disk, DeployOpsException? Changes) Compare(WindowFacts facts, ApprovedFiles kept, Ports ports)
    {
        try
        {
            var present = PlanFiles.Capture(ports.Plans.Read(facts.Opening.PlanPath));
            var differences = kept.DifferencesTo(present);
            return (present, differences.Count == 0 ? null : Changed(facts, string.Join(", ", differences)));
        }
        catch (DeployOpsException e)
        {
            return (null, Changed(facts, e.Fact.ReplaceLineEndings(" ")));
        }
    }

    /// <summary>The refusal of what a window was not approved with.</summary>
    internal static DeployOpsException Changed(WindowFacts facts, string what) => new(
        "PlanChanged",
        FaultKind.Security,
        $"What {facts.Opening.Id} was approved with is not what is on the disk: {PhaseFailure.Sentence(what)}",
        "Put the files back, or give a reason with -Deviation to go on with what is on the disk.");
}
