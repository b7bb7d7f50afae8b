using System.Net.Http.Headers;
using System.Text;
using DeployOps.Smoke.Syntax;

namespace DeployOps.Smoke.Running;

/// <summary>Makes the message to send out of a file's request and the variables.</summary>
/// <param name="variables">The variables.</param>
/// <param name="options">Who sends.</param>
/// <param name="secrets">Is told the credentials.</param>
internal sealed class SmokeRequestBuilder(SmokeVariables variables, SmokeRunOptions options, SmokeSecrets secrets)
{
    private const string RunHeader = "X-DeployOps-Run";

    /// <summary>Makes the message; without the cookies the file was given.</summary>
    /// <exception cref="SmokeFault">With the variables' values, an address or a header is not one.</exception>
    public HttpRequestMessage Build(HurlRequest request)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), Url(request)) { Content = Content(request) };
        foreach (var header in request.Headers)
        {
            Add(message, header);
        }

        if (!message.Headers.Contains("User-Agent"))
        {
            message.Headers.TryAddWithoutValidation("User-Agent", $"DeployOps-Smoke/{options.Version}");
        }

        message.Headers.Remove(RunHeader);
        message.Headers.TryAddWithoutValidation(RunHeader, options.RunId);
        if (request.BasicAuth is { } credentials)
        {
            Authorize(message, credentials);
        }

        AddCookies(message, request.Cookies.Select(cookie => (variables.Render(cookie.Name), variables.Render(cookie.Value))));
        return message;
    }

    /// <summary>Adds cookies to those a message has.</summary>
    public static void AddCookies(HttpRequestMessage message, IEnumerable<(string Name, string Value)> cookies)
    {
        var all = cookies.Select(static cookie => $"{cookie.Name}={cookie.Value}").ToList();
        if (all.Count == 0)
        {
            return;
        }

        if (message.Headers.TryGetValues("Cookie", out var before))
        {
            all.AddRange(before);
            message.Headers.Remove("Cookie");
        }

        var line = string.Join("; ", all);
        Require(IsOneLine(line), "a cookie has a line break or a control character in it");
        message.Headers.TryAddWithoutValidation("Cookie", line);
    }

    private Uri Url(HurlRequest request)
    {
        var address = variables.Render(request.Url);
        var parameters = request.Query.Select(Encoded).ToList();
        if (parameters.Count > 0)
        {
            address += (address.Contains('?', StringComparison.Ordinal) ? "&" : "?") + string.Join('&', parameters);
        }

        Require(
            Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is "http" or "https",
            $"{SmokeValue.Of(secrets.Redact(address))} is not an address that starts with http:// or https://");
        Require(url!.UserInfo.Length == 0, "the address has a user in it; put that into [BasicAuth]");
        return url;
    }

    private string Encoded(HurlField field) => $"{Uri.EscapeDataString(variables.Render(field.Name))}={Uri.EscapeDataString(variables.Render(field.Value))}";

    private ByteArrayContent? Content(HurlRequest request)
    {
        if (request.Body is { } body)
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(variables.Render(body.Content)));
            if (body.Kind == HurlBodyKind.Json)
            {
                content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            }

            return content;
        }

        if (request.Form.IsEmpty)
        {
            // A server may wait for the length of a POST's body, also of none.
            return request.Method is "POST" or "PUT" or "PATCH" ? new ByteArrayContent([]) : null;
        }

        var form = new ByteArrayContent(Encoding.UTF8.GetBytes(string.Join('&', request.Form.Select(Encoded))));
        form.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        return form;
    }

    private void Add(HttpRequestMessage message, HurlField header)
    {
        var name = variables.Render(header.Name);
        var value = variables.Render(header.Value);
        Require(IsOneLine(value), $"the value of header '{SmokeText.Printable(name)}' has a line break or a control character in it");
        if (message.Headers.TryAddWithoutValidation(name, value))
        {
            return;
        }

        // What describes a body lives beside it; a request without one gets an empty one to carry it.
        message.Content ??= new ByteArrayContent([]);
        message.Content.Headers.Remove(name);
        Require(message.Content.Headers.TryAddWithoutValidation(name, value), $"'{SmokeText.Printable(name)}' is not the name of a header");
    }

    private void Authorize(HttpRequestMessage message, HurlField credentials)
    {
        var password = variables.Render(credentials.Value);
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{variables.Render(credentials.Name)}:{password}"));
        secrets.Add(password);
        secrets.Add(encoded);
        message.Headers.Authorization = new AuthenticationHeaderValue("Basic", encoded);
    }

    private static bool IsOneLine(string value) => !value.Any(static c => char.IsControl(c) && c != '\t');

    private static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new SmokeFault(SmokeOutcome.Error, message);
        }
    }
}
