using System.Net;
using System.Reflection;
using System.Runtime.Serialization;
using Octokit;

namespace DeployOps.Adapters.GitHub;

/// <summary>Speaks to a GitHub server and turns what it answers into facts.</summary>
/// <param name="server">Its address.</param>
/// <param name="token">Who asks; null for nobody.</param>
/// <param name="repository">The repository as <c>owner/name</c>.</param>
internal sealed class GitHubAccess(Uri server, string? token, string repository)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>Does one piece of work with the repository's owner and name.</summary>
    /// <exception cref="DeployOpsException"><c>GitHubRateLimited</c>; <c>GitHubDenied</c>; <c>GitHubNotFound</c>; <c>GitHubRefused</c>; <c>GitHubAnswerInvalid</c>; <c>GitHubUnreachable</c>.</exception>
    internal async Task<T> AskAsync<T>(Func<IGitHubClient, string, string, Task<T>> work, CancellationToken cancellationToken)
        where T : class
    {
        var slash = repository.IndexOf('/', StringComparison.Ordinal);
        try
        {
            // What is no JSON Octokit gives as nothing at all.
            return await work(Client(), repository[..slash], repository[(slash + 1)..]).WaitAsync(cancellationToken) ?? throw Invalid("it holds nothing that was asked for");
        }
        catch (RateLimitExceededException e)
        {
            throw new DeployOpsException("GitHubRateLimited", FaultKind.Busy, $"{server.Host} answers no more than {e.Limit} requests an hour, and those are used up until {e.Reset:HH:mm:ss} UTC.", "Give a token, whose limit is higher, or wait.", e);
        }
        catch (ApiException e) when (e is SecondaryRateLimitExceededException or AbuseException || e.StatusCode == HttpStatusCode.TooManyRequests)
        {
            throw new DeployOpsException("GitHubRateLimited", FaultKind.Busy, $"{server.Host} was asked too often in too short a time.", "Wait a minute.", e);
        }
        catch (Exception e) when (e is AuthorizationException or ForbiddenException)
        {
            throw new DeployOpsException("GitHubDenied", FaultKind.Denied, $"{server.Host} does not let {(token is null ? "nobody in particular" : "the token")} do this in {repository}: {e.Message}.", "Give a token that may.", e);
        }
        catch (NotFoundException e)
        {
            throw new DeployOpsException("GitHubNotFound", FaultKind.NotFound, $"{server.Host} knows no {repository}, or does not show it to {(token is null ? "everybody" : "the token")}.", "Check the repository's name, and that the token may read it.", e);
        }
        catch (Exception e) when (e is SerializationException or FormatException or InvalidCastException or OverflowException or ArgumentException)
        {
            throw Invalid(e.Message, e);
        }
        catch (ApiException e)
        {
            throw new DeployOpsException("GitHubRefused", FaultKind.Failed, $"{server.Host} answered {(int)e.StatusCode} when it was asked about {repository}: {e.Message}.", innerException: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DeployOpsException("GitHubUnreachable", FaultKind.Failed, $"{server.Host} does not answer: {(e is OperationCanceledException ? $"nothing came within {Timeout.TotalSeconds} s" : e.Message)}.", "See that it can be reached from here.", e);
        }
    }

    /// <summary>The same, of a list: each of its entries is there.</summary>
    /// <exception cref="DeployOpsException">The same.</exception>
    internal async Task<IReadOnlyList<T>> ListAsync<T>(Func<IGitHubClient, string, string, Task<IReadOnlyList<T>>> work, CancellationToken cancellationToken)
        where T : class
    {
        var list = await AskAsync(work, cancellationToken);
        return list.All(one => one is not null) ? list : throw Invalid("its list has entries that are nothing");
    }

    /// <summary>An answer that is none of GitHub's.</summary>
    internal DeployOpsException Invalid(string why, Exception? cause = null) =>
        new("GitHubAnswerInvalid", FaultKind.InvalidData, $"What {server.Host} answers is not GitHub's: {why}.", "See that no proxy answers in its place.", cause);

    private GitHubClient Client()
    {
        var product = new ProductHeaderValue("DeployOps", Assembly.GetExecutingAssembly().GetName().Version!.ToString(3));
        var client = new GitHubClient(product, server);
        client.SetRequestTimeout(Timeout);
        if (token is not null)
        {
            client.Credentials = new Credentials(token);
        }

        return client;
    }
}
