namespace DeployOps.Smoke.Syntax;

/// <summary>A name and a value: a header, a parameter, a form field, a cookie.</summary>
internal sealed record HurlField(HurlTemplate Name, HurlTemplate Value)
{
    /// <summary>What it needs to be known.</summary>
    public IEnumerable<HurlTemplate> Templates => [Name, Value];
}
