using DeployOps.Notices;

namespace DeployOps.Plans.Binding;

/// <summary>Binds <c>Notices</c>: which keys a channel needs depends on its kind.</summary>
internal static class NoticeBinder
{
    private static readonly Dictionary<string, string[]> Keys = new(StringComparer.Ordinal)
    {
        ["Webhook"] = ["Uri", "Format", "Secret"],
        ["Mail"] = ["Server", "Port", "Security", "User", "Password", "From", "To"],
        ["GitHub"] = ["Repository", "Ref", "Token", "Uri"],
    };

    /// <summary>The channels in order. One without a name is called by its kind.</summary>
    public static IReadOnlyList<NoticeSpec> Bind(PlanSection plan)
    {
        var channels = plan.Tables("Notices", required: false, ["Name", "Kind", "Audience", .. Keys.Values.SelectMany(keys => keys).Distinct()])
            .Select(section => (Section: section, Spec: BindWhole(section)))
            .ToList();
        // What was sent is known by the name, so two channels of one kind need one each.
        foreach (var (section, spec) in channels.Where(channel => channels.Count(other => other.Spec.Name.Equals(channel.Spec.Name, StringComparison.OrdinalIgnoreCase)) > 1 && !channel.Section.Has("Name")))
        {
            section.Report("Name", $"is missing: {spec.Kind} is the kind of more than one channel.");
        }

        channels.FindAll(channel => channel.Section.Has("Name")).ConvertAll(channel => (channel.Section, channel.Spec.Name)).RequireUnique("Name");
        return channels.ConvertAll(channel => channel.Spec);
    }

    private static NoticeSpec BindWhole(PlanSection section)
    {
        var known = section.Binding.Unresolved.Count;
        var spec = BindChannel(section);

        return spec with { Unresolved = section.Binding.Unresolved.Skip(known).FirstOrDefault()?.Message };
    }

    private static NoticeSpec BindChannel(PlanSection section)
    {
        var kind = section.Kind(KnownKinds.Notices, Keys) ?? "";
        var spec = new NoticeSpec { Name = section.Title("Name") ?? kind, Kind = kind, Audience = section.Choices("Audience", [NoticeAudience.Team]) };
        return kind switch
        {
            "Mail" => spec with { Mail = BindMail(section) },
            "GitHub" => spec with { GitHub = BindGitHub(section) },
            "Webhook" => spec with { Uri = section.Address("Uri"), Format = section.Choice<WebhookFormat>("Format", required: false) ?? spec.Format, Secret = section.Secret("Secret") },
            _ => spec,
        };
    }

    private static GitHubDeploymentSpec BindGitHub(PlanSection section)
    {
        var spec = new GitHubDeploymentSpec { Repository = GitHubKeys.Repository(section) ?? "", Ref = section.Title("Ref"), Token = section.Secret("Token") ?? "" };
        if (!section.Has("Token"))
        {
            section.Report("Token", "is missing: nobody writes deployments unnamed.");
        }

        return spec with { Uri = GitHubKeys.Server(section, spec.Uri) };
    }

    private static MailSpec BindMail(PlanSection section)
    {
        var spec = new MailSpec { Server = section.HostName("Server") ?? "", From = section.MailAddress("From") ?? "", To = section.MailAddresses("To") };
        var signsIn = section.Has("User");
        if (signsIn != section.Has("Password"))
        {
            section.Report(signsIn ? "Password" : "User", "is missing: User and Password go together.");
        }

        return spec with
        {
            Port = section.Count("Port", spec.Port, 1, 65_535),
            Security = section.Choice<MailSecurity>("Security", required: false) ?? spec.Security,
            User = section.Value("User"),
            Password = section.Secret("Password"),
        };
    }
}
