using System.Globalization;

namespace DeployOps.Smoke.Running;

/// <summary>The cookies of one run of one file (RFC 6265, 5.2 to 5.4).</summary>
internal sealed class SmokeCookies(TimeProvider time)
{
    /// <summary>As many as browsers keep for a host; the oldest goes.</summary>
    private const int Most = 180;

    private readonly List<SmokeCookie> cookies = [];

    /// <summary>The name and the value of a <c>Set-Cookie</c> header; null where it has no name.</summary>
    public static (string Name, string Value)? Pair(string header)
    {
        var pair = header.Split(';', 2)[0];
        var sign = pair.IndexOf('=', StringComparison.Ordinal);
        return sign > 0 && pair[..sign].Trim() is { Length: > 0 } name ? (name, pair[(sign + 1)..].Trim()) : null;
    }

    /// <summary>Takes a <c>Set-Cookie</c> header. One for a foreign domain is left out.</summary>
    public void Take(Uri from, string header)
    {
        if (Pair(header) is not var (name, value) || Read(from, header, name, value) is not { } cookie)
        {
            return;
        }

        cookies.RemoveAll(known => known.Name == cookie.Name && known.Host == cookie.Host && known.Path == cookie.Path);
        if (!IsOver(cookie))
        {
            cookies.Add(cookie);
            cookies.RemoveRange(0, Math.Max(0, cookies.Count - Most));
        }
    }

    /// <summary>The cookies that go with a request, the longest path first.</summary>
    public IEnumerable<(string Name, string Value)> For(Uri to)
    {
        var host = to.IdnHost.ToLowerInvariant();
        return cookies
            .Where(cookie => !IsOver(cookie)
                && (cookie.Host == host || (cookie.WithSubdomains && host.EndsWith($".{cookie.Host}", StringComparison.Ordinal)))
                && (!cookie.Secure || to.Scheme == Uri.UriSchemeHttps)
                && IsBelow(to.AbsolutePath, cookie.Path))
            .OrderByDescending(static cookie => cookie.Path.Length)
            .Select(static cookie => (cookie.Name, cookie.Value));
    }

    private SmokeCookie? Read(Uri from, string header, string name, string value)
    {
        var host = from.IdnHost.ToLowerInvariant();
        var slash = from.AbsolutePath.LastIndexOf('/');
        var cookie = new SmokeCookie(name, value, host, WithSubdomains: false, slash > 0 ? from.AbsolutePath[..slash] : "/", Secure: false, Expires: null);
        TimeSpan? maxAge = null;
        foreach (var attribute in header.Split(';').Skip(1))
        {
            var sign = attribute.IndexOf('=', StringComparison.Ordinal);
            var argument = sign < 0 ? "" : attribute[(sign + 1)..].Trim();
            switch ((sign < 0 ? attribute : attribute[..sign]).Trim().ToUpperInvariant())
            {
                case "DOMAIN" when argument.TrimStart('.').ToLowerInvariant() is { Length: > 0 } domain:
                    if (host != domain && (!host.EndsWith($".{domain}", StringComparison.Ordinal) || Uri.CheckHostName(host) != UriHostNameType.Dns))
                    {
                        return null;
                    }

                    cookie = cookie with { Host = domain, WithSubdomains = true };
                    break;
                case "PATH" when argument.StartsWith('/'):
                    cookie = cookie with { Path = argument };
                    break;
                case "SECURE":
                    cookie = cookie with { Secure = true };
                    break;
                case "MAX-AGE" when int.TryParse(argument, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds):
                    maxAge = TimeSpan.FromSeconds(seconds);
                    break;
                case "EXPIRES" when DateTimeOffset.TryParse(argument, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires):
                    cookie = cookie with { Expires = expires };
                    break;
            }
        }

        // Max-Age goes before Expires (RFC 6265, 5.3).
        return maxAge is null ? cookie : cookie with { Expires = time.GetUtcNow() + maxAge };
    }

    private bool IsOver(SmokeCookie cookie) => cookie.Expires <= time.GetUtcNow();

    private static bool IsBelow(string path, string parent) => path == parent
        || (path.StartsWith(parent, StringComparison.Ordinal) && (parent.EndsWith('/') || path[parent.Length] == '/'));
}
