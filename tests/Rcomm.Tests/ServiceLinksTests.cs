using Rcomm.Settings;

namespace Rcomm.Tests;

/// <summary>The variables that Kubernetes sets for the Services of a namespace.</summary>
public sealed class ServiceLinksTests
{
    [Fact]
    public void All_variables_of_a_service_are_removed_and_a_sentence_says_so()
    {
        Dictionary<string, string> environment = new()
        {
            ["RCOMM_SERVICE_HOST"] = "10.96.0.9",
            ["RCOMM_SERVICE_PORT"] = "80",
            ["RCOMM_SERVICE_PORT_HTTP"] = "80",
            ["RCOMM_PORT"] = "tcp://10.96.0.9:80",
            ["RCOMM_PORT_80_TCP"] = "tcp://10.96.0.9:80",
            ["RCOMM_PORT_80_TCP_PROTO"] = "tcp",
            ["RCOMM_PORT_80_TCP_PORT"] = "80",
            ["RCOMM_PORT_80_TCP_ADDR"] = "10.96.0.9",
            ["RCOMM_LISTEN"] = "*:7878",
        };

        string? sentence = ServiceLinks.RemoveFrom(environment);

        Assert.StartsWith("RCOMM_PORT=tcp://10.96.0.9:80 and 7 more variables are ignored", sentence);
        Assert.Equal(["RCOMM_LISTEN"], environment.Keys);
    }

    [Theory]
    [InlineData("RCOMM_PORT", "tcp://[fd00::9]:80")]
    [InlineData("RCOMM_PORT", "udp://10.96.0.9:53")]
    [InlineData("RCOMM_ADMIN_PORT", "tcp://10.96.0.9:7879")]
    [InlineData("RCOMM_TLS_PORT_443_TCP", "tcp://10.96.0.9:443")]
    public void A_link_alone_is_told_by_its_value(string name, string value)
    {
        Dictionary<string, string> environment = new() { [name] = value };

        Assert.StartsWith($"{name}={value} is ignored", ServiceLinks.RemoveFrom(environment));
        Assert.Empty(environment);
    }

    [Theory]
    [InlineData("RCOMM_PORT", "80")]
    [InlineData("RCOMM_PORT", "http://10.96.0.9:80")]
    [InlineData("RCOMM_UPSTREAM", "tcp://10.96.0.9:80")]
    [InlineData("OTHER_PORT", "tcp://10.96.0.9:80")]
    public void Whatever_else_stays(string name, string value)
    {
        Dictionary<string, string> environment = new() { [name] = value };

        Assert.Null(ServiceLinks.RemoveFrom(environment));
        Assert.Single(environment);
    }
}
