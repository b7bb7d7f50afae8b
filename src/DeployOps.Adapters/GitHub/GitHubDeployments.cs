using System.Collections.ObjectModel;
using DeployOps.Adapters.Notices;
using DeployOps.Notices;
using DeployOps.Windows;
using Octokit;
using Polly;
using Polly.Timeout;

namespace DeployOps.Adapters.GitHub;

/// <summary>
/// A deployment that follows the window: each notice becomes a status of it. The notice's key and the log's hash stand in the status, so that one
/// that was written already is known when it is sent again.
/// </summary>
internal sealed class GitHubDeployments(GitHubDeploymentSpec spec, TimeProvider timeProvider) : INoticeChannel
{
    /// <summary>GitHub takes no longer description.</summary>
    private const int LongestDescription = 140;

    private const int PageSize = 100;

    /// <summary>The pages of deployments that are looked through for the window's own, newest first, where nobody says when the window was opened.</summary>
    private const int Pages = 3;

    /// <summary>How far GitHub's clock and that of whoever opened the window may be apart.</summary>
    private static readonly TimeSpan ClocksApart = TimeSpan.FromDays(1);

    private readonly GitHubAccess access = new(spec.Uri, spec.Token, spec.Repository);
    private readonly ResiliencePipeline tries = ChannelTries.Of(e => e is DeployOpsException { ErrorId: "GitHubUnreachable" }, timeProvider);

    /// <inheritdoc/>
    public async Task<string?> SendAsync(Notice notice, CancellationToken cancellationToken)
    {
        try
        {
            await tries.ExecuteAsync(async token => await SendOnceAsync(notice, token), cancellationToken);
            return null;
        }
        catch (DeployOpsException e) when (e.ErrorId == "GitHubUnreachable")
        {
            throw ChannelTries.NotReached(e.Fact, e.NextStep ?? "See that it can be reached from here.", e);
        }
        catch (DeployOpsException e)
        {
            throw ChannelTries.NotTaken(e.Fact, e.NextStep ?? "See what it says about the repository and the ref.", e);
        }
        catch (TimeoutRejectedException e)
        {
            throw ChannelTries.NotReached($"{spec.Uri.Host} does not answer: nothing came in time.", "See that it can be reached from here.", e);
        }
    }

    private async Task SendOnceAsync(Notice notice, CancellationToken cancellationToken)
    {
        var deployment = await FindAsync(notice, cancellationToken) ?? await CreateAsync(notice, cancellationToken);
        var statuses = await access.ListAsync((client, owner, name) => client.Repository.Deployment.Status.GetAll(owner, name, deployment.Id, new ApiOptions { PageSize = PageSize }), cancellationToken);
        if (statuses.Any(status => status.Description is { } words && words.StartsWith($"{notice.Key} ", StringComparison.Ordinal)))
        {
            return;
        }

        var hasServed = statuses.Any(status => status.State == DeploymentState.Success);
        var status = new NewDeploymentStatus(State(notice.State, hasServed)) { Description = Words(notice) };
        await access.AskAsync((client, owner, name) => client.Repository.Deployment.Status.Create(owner, name, deployment.Id, status), cancellationToken);
    }

    // GitHub picks by environment and ref: however many others were made since the window was opened, its own is on the first page. A plan that came later may name another ref than that
    // which it was made with.
    private async Task<Deployment?> FindAsync(Notice notice, CancellationToken cancellationToken) =>
        await FindAsync(notice, new() { ["environment"] = notice.Environment, ["ref"] = Ref(notice) }, cancellationToken)
        ?? await FindAsync(notice, new() { ["environment"] = notice.Environment }, cancellationToken);

    private async Task<Deployment?> FindAsync(Notice notice, Dictionary<string, string> like, CancellationToken cancellationToken)
    {
        for (var page = 1; notice.Opened is not null || page <= Pages; page++)
        {
            var options = new ApiOptions { PageSize = PageSize, PageCount = 1, StartPage = page };
            var deployments = await access.ListAsync(
                // A copy, since it adds its own to what it is given.
                (client, owner, name) => new ApiConnection(client.Connection).GetAll<Deployment>(new Uri($"repos/{owner}/{name}/deployments", UriKind.Relative), new Dictionary<string, string>(like), options), cancellationToken);
            if (deployments.FirstOrDefault(deployment => deployment.Environment == notice.Environment && deployment.Description == Title(notice)) is { } found)
            {
                return found;
            }

            // Whatever comes after is older than the window.
            if (deployments.Count < PageSize || deployments[^1].CreatedAt < notice.Opened - ClocksApart)
            {
                return null;
            }
        }

        return null;
    }

    private string Ref(Notice notice) => spec.Ref ?? notice.Release;

    private async Task<Deployment> CreateAsync(Notice notice, CancellationToken cancellationToken)
    {
        // The plan was approved and says what is deployed: GitHub merges nothing into it, and what its checks say was known before.
        var deployment = new NewDeployment(Ref(notice))
        {
            AutoMerge = false,
            RequiredContexts = new Collection<string>(),
            Environment = notice.Environment,
            Description = Title(notice),
        };

        var created = await access.AskAsync((client, owner, name) => client.Repository.Deployment.Create(owner, name, deployment), cancellationToken);
        return created.Id > 0 ? created : throw access.Invalid("the deployment it made has no number");
    }

    // A release that served and was taken back is no failed deployment but one that is no longer in use.
    private static DeploymentState State(WindowState state, bool hasServed) => state switch
    {
        WindowState.Completed => DeploymentState.Success,
        WindowState.RolledBack => hasServed ? DeploymentState.Inactive : DeploymentState.Failure,
        WindowState.RollbackFailed => DeploymentState.Error,
        WindowState.Stopped => DeploymentState.Failure,
        _ => DeploymentState.InProgress,
    };

    private static string Title(Notice notice) => Cut($"{notice.Window}: {notice.Service} {notice.Release}");

    private static string Words(Notice notice) => Cut($"{notice.Key} {notice.Head} {notice.Title}");

    private static string Cut(string text) => text.Length <= LongestDescription ? text : text[..LongestDescription];
}
