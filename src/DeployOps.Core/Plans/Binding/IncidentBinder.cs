using DeployOps.Incidents;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Health.Incidents</c>: which keys a source needs depends on its kind.</summary>
internal static class IncidentBinder
{
    private static readonly Dictionary<string, string[]> Keys = new(StringComparer.Ordinal)
    {
        ["File"] = ["Path"],
        ["GitHub"] = ["Repository", "Label", "Token", "Uri"],
    };

    /// <summary>The sources in order.</summary>
    public static IReadOnlyList<IncidentSpec> Bind(PlanSection health) =>
        [.. health.Tables("Incidents", required: false, ["Kind", .. Keys.Values.SelectMany(keys => keys)]).Select(BindSource)];

    private static IncidentSpec BindSource(PlanSection section)
    {
        return section.Kind(KnownKinds.Incidents, Keys) switch
        {
            null => new IncidentSpec { Kind = "" },
            "File" => new IncidentSpec { Kind = "File", Path = section.ComingFile("Path") },
            var kind => BindGitHub(section, kind),
        };
    }

    private static IncidentSpec BindGitHub(PlanSection section, string kind)
    {
        var usual = new IncidentSpec { Kind = kind };
        return usual with
        {
            Repository = GitHubKeys.Repository(section),
            Label = section.Title("Label") ?? usual.Label,
            Token = section.Secret("Token"),
            Uri = GitHubKeys.Server(section, usual.Uri),
        };
    }
}
