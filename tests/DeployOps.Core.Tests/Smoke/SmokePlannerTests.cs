namespace DeployOps.Smoke;

public sealed class SmokePlannerTests
{
    private static readonly Dictionary<string, object?> Host = new() { ["host"] = "http://127.0.0.1:1" };

    [Fact]
    public void A_plan_lists_what_would_be_sent()
    {
        var file = HurlFile.Parse("GET {{host}}/\nPOST {{host}}/login", "smoke/a.hurl");

        var check = SmokePlanner.Plan([file], Host).Single();

        check.Outcome.ShouldBe(SmokeOutcome.Planned);
        check.Requests.ShouldBe(2);
        check.Message.ShouldBe("GET {{host}}/, POST {{host}}/login");
    }

    [Theory]
    [InlineData("GET {{hots}}/", "1:5 variable 'hots' is not defined; the nearest known one is 'host'.")]
    [InlineData("GET {{Host}}/", "1:5 variable 'Host' is not defined; the nearest known one is 'host'.")]
    [InlineData("GET {{unheard_of}}/", "1:5 variable 'unheard_of' is not defined.")]
    [InlineData("GET {{host}}/\nX-A: b {{id}}", "2:8 variable 'id' is not defined")]
    [InlineData("GET {{host}}/\n[Query]\na: {{id}}", "3:4 variable 'id' is not defined")]
    [InlineData("POST {{host}}/\n{\"a\": \"{{id}}\"}", "2:8 variable 'id' is not defined")]
    [InlineData("GET {{host}}/\nHTTP 200\nA: {{id}}\n[Captures]\nid: body", "3:4 variable 'id' is not defined")]
    [InlineData("GET {{host}}/{{id}}\nHTTP 200\n[Captures]\nid: body", "1:14 variable 'id' is not defined")]
    [InlineData("GET {{host}}/\nHTTP 200\n[Captures]\na: jsonpath \"$.{{b}}\"\nb: body", "4:16 variable 'b' is not defined")]
    [InlineData("GET {{host}}/\nHTTP 200\n[Asserts]\nbody matches \"a{{id}}\"", "4:16 variable 'id' is not defined")]
    [InlineData("GET {{host}}/\nHTTP 200\n[Asserts]\nbody regex \"a{{id}}\" == {{other}}", "4:14 variable 'id' is not defined")]
    [InlineData("GET {{host}}/\n[Options]\nvariable: a={{b}}\nvariable: b=1", "3:13 variable 'b' is not defined")]
    public void A_variable_nobody_sets_before_its_use_is_refused_with_its_place(string text, string expected)
    {
        var file = HurlFile.Parse(text, "a.hurl");

        var fault = Should.Throw<DeployOpsException>(() => SmokePlanner.Plan([file], Host));

        fault.ErrorId.ShouldBe("SmokeVariableUndefined");
        fault.Message.ShouldStartWith($"a.hurl:{expected}");
    }

    [Fact]
    public void All_undefined_variables_of_all_files_are_told_at_once()
    {
        var files = new[] { HurlFile.Parse("GET {{a}}/{{b}}", "1.hurl"), HurlFile.Parse("GET {{c}}", "2.hurl") };

        var fault = Should.Throw<DeployOpsException>(() => SmokePlanner.Plan(files, Host));

        fault.Message.Split('\n').Length.ShouldBe(3);
    }

    [Theory]
    [InlineData("GET {{host}}/\nHTTP 200\n[Captures]\nid: body\n[Asserts]\nbody == {{id}}\nGET {{host}}/{{id}}")]
    [InlineData("GET {{host}}/{{id}}\n[Options]\nvariable: id=1\nGET {{host}}/{{id}}")]
    public void What_a_file_sets_itself_is_known_from_there_on(string text) =>
        SmokePlanner.Plan([HurlFile.Parse(text, "a.hurl")], Host).Single().Outcome.ShouldBe(SmokeOutcome.Planned);

    [Fact]
    public void A_capture_of_one_file_is_not_known_in_another()
    {
        var files = new[] { HurlFile.Parse("GET {{host}}/\nHTTP 200\n[Captures]\nid: body", "1.hurl"), HurlFile.Parse("GET {{host}}/{{id}}", "2.hurl") };

        Should.Throw<DeployOpsException>(() => SmokePlanner.Plan(files, Host)).Message.ShouldStartWith("2.hurl:1:14");
    }

    [Theory]
    [InlineData("1a", 1)]
    [InlineData("", 1)]
    [InlineData("a b", 1)]
    [InlineData("a", typeof(string))]
    public void A_variable_that_no_file_can_use_is_refused(string name, object value)
    {
        var fault = Should.Throw<DeployOpsException>(() => SmokePlanner.Plan([], new Dictionary<string, object?> { [name] = value }));

        fault.ErrorId.ShouldBe("SmokeVariableInvalid");
    }
}
