using DeployOps.Incidents;
using Octokit;

namespace DeployOps.Adapters.GitHub;

/// <summary>Open issues of a repository that bear a label. Pull requests, which GitHub lists among them, are none.</summary>
internal sealed class GitHubIncidents(IncidentSpec spec) : IIncidentSource
{
    private const int PageSize = 100;

    private readonly GitHubAccess access = new(spec.Uri, spec.Token, spec.Repository!);

    /// <inheritdoc/>
    /// <exception cref="DeployOpsException"><c>IncidentLabelUnknown</c>, and what the server meets.</exception>
    public async Task<IReadOnlyList<Incident>> FindOpenAsync(CancellationToken cancellationToken)
    {
        var request = new RepositoryIssueRequest { State = ItemStateFilter.Open, Filter = IssueFilter.All };
        request.Labels.Add(spec.Label);
        var issues = await access.ListAsync((client, owner, name) => client.Issue.GetAllForRepository(owner, name, request, new ApiOptions { PageSize = PageSize }), cancellationToken);
        if (issues.Count == 0)
        {
            await RequireLabelAsync(cancellationToken);
        }

        return [.. issues.Where(issue => issue.PullRequest is null).Select(issue => new Incident($"{spec.Repository}#{issue.Number}", issue.Title))];
    }

    // A label that is misspelt marks nothing, and a proxy's page is no list: their silence would be taken for a quiet system.
    private async Task RequireLabelAsync(CancellationToken cancellationToken)
    {
        try
        {
            var label = await access.AskAsync((client, owner, name) => client.Issue.Labels.Get(owner, name, spec.Label), cancellationToken);
            if (!spec.Label.Equals(label.Name, StringComparison.OrdinalIgnoreCase))
            {
                throw access.Invalid($"it was asked for the label '{spec.Label}' and names '{label.Name}'");
            }
        }
        catch (DeployOpsException e) when (e.ErrorId == "GitHubNotFound")
        {
            throw new DeployOpsException(
                "IncidentLabelUnknown",
                FaultKind.NotFound,
                $"{spec.Repository} has no label '{spec.Label}', so no issue could ever bear it.",
                "Make the label, or name the one that marks incidents.",
                e);
        }
    }
}
