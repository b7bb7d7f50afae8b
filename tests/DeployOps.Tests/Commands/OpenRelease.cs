using DeployOps.Tests.Support;

namespace DeployOps.Tests.Commands;

/// <summary>An engine whose user says No to every question, a plan, its open window and its planned one.</summary>
public sealed class OpenRelease : IDisposable
{
    public OpenRelease()
    {
        Host = new RecordingHost("No");
        Engine = new EngineHost(Host);
        Plans = new PlanFolder();
        Plans.Write("fresh.psd1", File.ReadAllText(Plans.Plan).Replace("'production'", "'staging'", StringComparison.Ordinal));
        Window = Plans.Open(Engine);
        Planned = Engine.Invoke("param($Plan) Start-DeploymentWindow $Plan -WhatIf -Deviation 'not approved yet'", ("Plan", FreshPlan)).Clean().Single;
    }

    internal RecordingHost Host { get; }

    internal EngineHost Engine { get; }

    internal PlanFolder Plans { get; }

    internal object Window { get; }

    internal object Planned { get; }

    /// <summary>A plan that has no window yet.</summary>
    internal string FreshPlan => Plans.PathOf("fresh.psd1");

    /// <summary>What a cmdlet is given through the pipeline.</summary>
    internal object SubjectOf(CmdletUnderTest cmdlet) => cmdlet.TakesWindow ? Window : Plans.Plan;

    /// <summary>One hash over the plan's folder and the home.</summary>
    internal string Fingerprint() => Plans.Fingerprint(Engine.Home);

    public void Dispose()
    {
        Plans.Dispose();
        Engine.Dispose();
    }
}
