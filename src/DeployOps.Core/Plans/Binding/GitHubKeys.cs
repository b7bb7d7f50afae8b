using System.Text.RegularExpressions;

namespace DeployOps.Plans.Binding;

/// <summary>The keys that everything has that asks GitHub.</summary>
internal static class GitHubKeys
{
    // The letters that GitHub allows in names of owners and repositories.
    private static readonly Regex RepositoryForm = new(@"^[A-Za-z0-9-]+/[A-Za-z0-9._-]+\z", RegexOptions.CultureInvariant);

    /// <summary><c>Repository</c>, as <c>owner/name</c>.</summary>
    public static string? Repository(PlanSection section)
    {
        var repository = section.Literal("Repository", required: true);
        if (repository is not null && !RepositoryForm.IsMatch(repository))
        {
            section.Wrong("Repository", section.Node("Repository")!, "expected owner/name.");
        }

        return repository;
    }

    /// <summary><c>Uri</c>, the server's address, or the usual one.</summary>
    public static Uri Server(PlanSection section, Uri usual) => section.Has("Uri") ? section.Address("Uri")! : usual;
}
