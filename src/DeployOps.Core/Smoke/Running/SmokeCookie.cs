namespace DeployOps.Smoke.Running;

/// <summary>A cookie a file was given.</summary>
/// <param name="Name">Its name; case matters.</param>
/// <param name="Value">Its value, as it came.</param>
/// <param name="Host">The host, or the domain where <paramref name="WithSubdomains"/>; in small letters.</param>
/// <param name="WithSubdomains">It goes to the hosts below, too.</param>
/// <param name="Path">The path it belongs to.</param>
/// <param name="Secure">It goes over https only.</param>
/// <param name="Expires">When it ends; null for the end of the run.</param>
internal sealed record SmokeCookie(string Name, string Value, string Host, bool WithSubdomains, string Path, bool Secure, DateTimeOffset? Expires);
