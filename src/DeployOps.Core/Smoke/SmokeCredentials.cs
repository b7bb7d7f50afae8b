using System.Text;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Secrets;
using DeployOps.Smoke.Running;
using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke;

/// <summary>
/// The credentials that smoke files hold literally. They are known from the moment the files are read, also in a process that sends none of their requests:
/// a note or an error may quote them.
/// </summary>
internal static class SmokeCredentials
{
    /// <summary>Those of a plan's approved smoke files are made known. A file that cannot be read holds none; whoever runs or tests it is told why.</summary>
    internal static void Learn(DeploymentPlan plan, ApprovedFiles files, Redactor redactor)
    {
        var keep = Keeper(plan, redactor);
        foreach (var path in plan.Smoke.Where(files.Contains))
        {
            try
            {
                HurlFile.Parse(files.Text(path), path).Credentials.ToList().ForEach(keep);
            }
            catch (HurlSyntaxException)
            {
                // This very mistake is told when the plan is tested and when the file is run; here nothing depends on it.
            }
        }
    }

    /// <summary>Makes secrets known, but for those that stand within a name or path the log goes by: with that masked, nobody could go back any more.</summary>
    internal static Action<string> Keeper(DeploymentPlan plan, Redactor redactor) => secret =>
    {
        if (plan.Texts.KindOf(secret) is null)
        {
            redactor.Register(secret);
        }
    };

    /// <summary>Those that stand in a request without a variable: what it signs in with, and headers that hold credentials by their name.</summary>
    internal static IEnumerable<string> Of(HurlRequest request) => Basic(request.BasicAuth).Concat(request.Headers.SelectMany(Header));

    private static IEnumerable<string> Basic(HurlField? login)
    {
        if (login?.Value.Literal is not { } password)
        {
            yield break;
        }

        yield return password;
        if (login.Name.Literal is { } user)
        {
            yield return Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        }
    }

    // "Bearer xyz": what follows the scheme is the secret, and is quoted without it.
    private static IEnumerable<string> Header(HurlField header)
    {
        if (header is not { Name.Literal: { } name, Value.Literal: { } value } || !SmokeEvidence.IsConfidential(name))
        {
            yield break;
        }

        yield return value;
        if (name.EndsWith("authorization", StringComparison.OrdinalIgnoreCase) && value.Split(' ', 2, StringSplitOptions.TrimEntries) is [var scheme, { Length: > 0 } token])
        {
            yield return token;
            if (scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) && Password(token) is { } password)
            {
                yield return password;
            }
        }
    }

    private static string? Password(string token)
    {
        var bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out var length) && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, { Length: > 0 } password] ? password : null;
    }
}
