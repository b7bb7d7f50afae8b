namespace DeployOps.Smoke.Syntax;

/// <summary>How a request's body was written.</summary>
internal enum HurlBodyKind
{
    /// <summary>As JSON: sent as <c>application/json</c> where no header says otherwise.</summary>
    Json,

    /// <summary>As a text between backticks: sent without a content type where no header gives one.</summary>
    Text,
}
