#include "provider/error_table.hpp"

#include <array>

// What providers' errors are about: the one place for it. Sources beside the rows; where there is
// none, bodies that were published (tests/data/provider-errors.jsonl).

namespace ccrelay::provider {

using About = ErrorAbout;
using wire::CodePlace;

std::span<const NumberRow> number_rows() {
  static constexpr std::array rows{
      // https://docs.z.ai/api-reference/api-code, https://docs.bigmodel.cn/cn/api/api-code
      NumberRow{CodePlace::code, "zai", "1000 1001 1002 1003 1004", About::key},
      NumberRow{CodePlace::code, "zai", "1100 1110 1111 1112 1113 1120 1121 1309 1313",
                About::account},
      NumberRow{CodePlace::code, "zai", "1211 1212 1221 1222", About::model},
      NumberRow{CodePlace::code, "zai", "1220 1311", About::key_and_model},
      NumberRow{CodePlace::code, "zai", "1210 1213 1214 1215 1261 1300 1301", About::request},
      NumberRow{CodePlace::code, "zai", "1231 1302 1303 1304 1308 1310", About::limit},
      NumberRow{CodePlace::code, "zai", "1305 1312", About::overload},
      NumberRow{CodePlace::code, "zai", "1200 1230 1234", About::provider},
      // https://platform.minimax.io/docs/api-reference/errorcode
      NumberRow{CodePlace::base_resp, "minimax", "1004 2049", About::key},
      NumberRow{CodePlace::base_resp, "minimax", "1008", About::account},
      NumberRow{CodePlace::base_resp, "minimax", "1002 1039 1041 2045 2056", About::limit},
      NumberRow{CodePlace::base_resp, "minimax", "2061", About::key_and_model},
      NumberRow{CodePlace::base_resp, "minimax", "1026 1027 1042 2013", About::request},
      NumberRow{CodePlace::base_resp, "minimax", "1000 1001 1013 1024 1033", About::provider},
      // Mistral
      NumberRow{CodePlace::top_code, "mistral", "1300", About::limit},
      NumberRow{CodePlace::top_code, "mistral", "3505", About::overload},
      // SiliconFlow: https://docs.siliconflow.cn/cn/faqs/error-code
      NumberRow{CodePlace::top_code, "", "30001", About::account},
      NumberRow{CodePlace::top_code, "", "20012", About::model},
      NumberRow{CodePlace::top_code, "", "20015", About::request},
      NumberRow{CodePlace::top_code, "", "50501 50505 50603", About::overload},
      // Baidu: https://cloud.baidu.com/doc/WENXINWORKSHOP/s/tlmyncueh
      NumberRow{CodePlace::top_code, "", "4 17 18 19", About::limit},
      NumberRow{CodePlace::top_code, "", "6 14 110 111", About::key},
  };
  return rows;
}

std::span<const WordRow> telling_words() {
  static constexpr std::array rows{
      // OpenAI says model_not_found where an organization is not verified.
      WordRow{About::key_and_model, At::missing, "must be verified to use the model"},
      WordRow{About::key_and_model, At::any,
              "project*does not have access to model|account*has not activated the model"},
      // Google and OpenAI call the end of prepaid money a quota.
      WordRow{About::account, At::any,
              "prepayment credits|prepaid credits|monthly spending cap|spending cap"},
      // A limit that the request by itself is above: no time helps.
      WordRow{About::request, At::any,
              "extra usage is required|request too large for|request body too large for|"
              "input or output tokens must be reduced"},
      // A request that is too long, whichever status says so.
      WordRow{About::request, At::not_limit,
              "prompt is too long|input is too long|maximum context length|context window|"
              "context length|context size|maximum prompt length|model token limit|"
              "input token count*exceeds|reduce the length of|too many input tokens|prompt 超长|"
              "prompt too long|输入过长|上下文长度|context_length_exceeded"},
  };
  return rows;
}

std::span<const NameRow> telling_names() {
  static constexpr std::array rows{
      NameRow{About::request, At::any,
              "context_length_exceeded exceed_context_size context_window* prompt_too_long "
              "string_above_max_length request_too_large payload_too_large content_too_large "
              "request_entity_too_large tokens_limit_reached content_filter* content_policy* "
              "*policy_violation data_inspection* *sensitive* prompt_blocked invalid_prompt "
              "moderation* content_blocked input_too_long client_validation cyber_policy* "
              "invalid_image* unsupported_image* unsupported_file*"},
      NameRow{About::request_healable, At::fault,
              "unsupported_parameter unsupported_value unknown_parameter"},
      NameRow{About::overload, At::any,
              "overload* *overloaded *_overload service_unavailable unavailable server_busy "
              "system_busy service_busy *capacity_exhausted *capacity_exceeded queue_exceeded "
              "no_capacity "
              "insufficient_capacity model_not_ready slow_down queue_full"},
      NameRow{About::account, At::any,
              "insufficient_quota *insufficient_balance* balance_insufficient* "
              "insufficient_user_quota *insufficient_credit* insufficient_fund* not_enough_credit* "
              "not_enough_balance no_credit* out_of_credit* credit_balance* credit_limit "
              "*credits_exhausted *credits_depleted billing* *_billing_* payment* arrearage "
              "*overdue* account_suspended account_disabled account_deactivated account_locked "
              "account_banned account_blocked account_frozen account_terminated account_inactive "
              "account_not_active account_restricted organization_disabled organization_suspended "
              "organization_deactivated organization_restricted workspace_disabled "
              "project_suspended access_terminated user_suspended user_banned user_blocked "
              "consumer_suspended *budget_exceeded exceeded_budget exceeded_current_quota "
              "*spending_limit* *spend_limit* *spending_cap* *hard_limit* *token_quota_failed "
              "token_quota_exhausted *resource_pack_exhausted *subscription_expired "
              "subscription_required* subscription_inactive *plan_expired *trial_expired "
              "*free_tier_only *disabled_subscription"},
      NameRow{About::account, At::payment, "quota_exceeded quota_exhausted"},
      NameRow{About::key_and_model, At::not_limit,
              "*model_access_denied model_not_open model_not_allowed model_not_enabled "
              "model_permission* no_model_permission model_forbidden"},
      NameRow{About::key, At::not_limit,
              "*invalid_api_key api_key_* incorrect_api_key invalid_key *key_expired *key_revoked "
              "*key_disabled key_invalid expired_key invalid_token *token_expired expired_token "
              "*token_invalid* *token_revoked* token_not_found* invalid_auth* authentication* auth "
              "auth_* unauthorized unauthenticated not_authenticated invalid_credential* "
              "*bad_credentials missing_api_key no_api_key unrecognized_client "
              "invalid_signature* signature_does_not_match invalid_client_token_id "
              "incomplete_signature request_expired missing_authentication* invalid_access_key* "
              "access_token_* account_state_invalid mismatched_organization invalid_issuer "
              "invalid_iam_token*"},
      NameRow{About::model, At::not_limit,
              "*model_not_found unknown_model model_not_exist* model_does_not_exist invalid_model* "
              "no_such_model model_not_supported *unsupported_model model_unsupported "
              "*deployment_not_found model_decommissioned model_deprecated model_retired "
              "model_unavailable model_not_available get_channel_failed no_available_channel "
              "api_not_supported operation_not_supported unsupported_api_for_model "
              "invalid_endpoint_or_model* unknown_operation"},
  };
  return rows;
}

std::span<const WordRow> word_rows() {
  static constexpr std::array rows{
      // What was asked is not allowed to be asked. Before money: such answers quote the prompt.
      WordRow{About::request, At::not_limit,
              "content filter|content management policy|content policy|usage policy|safety system|"
              "was flagged|request*prohibited|request*violat|sensitive*content|sensitive "
              "information|inappropriate content|"
              "unsafe content|content exists risk|不安全|敏感内容|敏感信息|内容审核|"
              "only accepts requests from|only accept requests from|only allows requests from"},

      WordRow{About::account, At::any,
              "credit balance*too low|credit balance*insufficient|credit balance*exhausted|"
              "insufficient*balance|balance*insufficient|balance*not enough|balance*too low|"
              "balance*depleted|balance*exhausted|balance*negative|balance*run out|"
              "check your account balance|not enough balance|"
              "not enough credit|not enough funds|insufficient*credit|insufficient*funds|"
              "insufficient*quota|quota is not enough|quota not enough|out of credit|out of extra "
              "usage|run out of credit|"
              "no credits|no remaining credit|credits*depleted|credits*exhausted|credits*expired|"
              "credits*used up|used all available credits|requires more credits|"
              "purchase more credits|please add credit|please top up|please recharge|"
              "credit limit exceeded|credit limit reached"},
      WordRow{About::account, At::any,
              "overdue balance|account*overdue|account*arrears|account*past due|unpaid invoice|"
              "payment required|payment failed|payment method|billing*not active|"
              "billing*hard limit|billing*disabled|billing*inactive|requires billing|"
              "spending limit|spend limit|budget*exceeded|exceeded*budget|over budget|"
              "key limit exceeded|specified api usage limits|usage limit for this billing cycle|"
              "your account is not active|account*good standing|you have no quota|"
              "out of call volume quota"},
      // Under a 429 the month may be one of tokens.
      WordRow{About::account, At::fault, "exceeded*monthly limit|reached*monthly limit"},
      WordRow{About::account, At::any,
              "account*suspended|account*disabled|account*deactivated|account*locked|"
              "account*banned|account*blocked|account*terminated|account*closed|account*frozen|"
              "account*restricted|organization*disabled|organization*suspended|"
              "organization*deactivated|organization*restricted|workspace*disabled|"
              "workspace*suspended|team*blocked|team*suspended|project*suspended|"
              "consumer*suspended|subscription*disabled|access was terminated|access*terminated|"
              "subscription*expired|subscription*inactive|subscription*ended|"
              "no active subscription|plan*expired|trial*expired|trial*ended"},
      WordRow{About::account, At::any,
              "余额不足|额度失败|预扣费|欠费|请充值|额度不足|额度已用尽|额度已用完|额度用尽|"
              "余量已用尽|账户已被锁定|"
              "账号已被锁定|已被封禁|账户已被冻结|已停用|已欠费|账户异常|套餐已到期|套餐已过期|"
              "无可用资源包|guthaben|saldo insuficiente|crédito insuficiente|solde insuffisant|"
              "crédits insuffisants|残高が不足|残高不足|クレジットが不足|잔액이 부족|잔액 부족|"
              "недостаточно средств"},

      WordRow{About::key_and_model, At::not_limit,
              "not authorized to perform*on resource*model|not authorized to perform*on resource*"
              "inference-profile|access to the model|access to model|allowed to use*model|"
              "allowed to access*model|permission to use*model|permission to access*model|"
              "permission*denied on resource*models|model access is denied|model access denied|"
              "not enabled*for model|model is not enabled|model is not available for your|"
              "model*not available for your|model*not available to your|"
              "model*requires a subscription|model*not available in your plan|"
              "model*not included in your plan|plan not support model|plan does not support*model|"
              "not authorized to use*model|not entitled to*model|model use case details|"
              "token can only access models|key can only access models|无权访问模型|无权使用模型|"
              "暂未开放"},
      WordRow{About::key_and_model, At::limit,
              "暂未开放|plan not support model|plan does not support*model|"
              "not included in your*plan|not available in your*plan"},

      // A gateway of many channels: none for this model.
      WordRow{About::model, At::not_limit,
              "no available channel|无可用渠道|没有可用渠道|可用渠道不存在"},

      WordRow{About::key, At::not_limit,
              "invalid*api key|invalid x-api-key|invalid api-key|api key*invalid|"
              "api key*not valid|api key*expired|api key*revoked|api key*disabled|"
              "api key*not found|api key*incorrect|api key*inactive|api key*does not exist|"
              "api key*leaked|incorrect api key|wrong api key|missing api key|no api key|"
              "api key is required|api key*required|invalid access token|invalid*bearer|"
              "invalid*credential|invalid authentication|invalid subscription key|"
              "authentication fail|failed to authenticate|could not authenticate|"
              "not authenticated|unauthenticated|access token*expired|oauth token*expired|"
              "oauth token*revoked|security token*expired|security token*invalid|"
              "oauth2 access token*could not be validated|no auth credentials|"
              "无效的令牌|令牌已过期|令牌状态不可用|令牌无效|身份验证失败|密钥无效|密钥错误|"
              "鉴权失败|认证失败|无效的 api|api key 无效|apikey 无效"},

      WordRow{About::model, At::missing,
              "model*not found|model*does not exist|model*not exist|model*not supported|"
              "model*is not available|model*no longer available|model*decommissioned|"
              "model*deprecated|model*retired|model*end of its life|unknown model|"
              "invalid model|not a valid model|model identifier is invalid|no such model|"
              "model id*with on-demand throughput|on-demand throughput*supported|"
              "unsupported model|no endpoints found|no allowed providers|"
              "模型不存在|不支持该模型|模型未找到"},

      WordRow{About::request_healable, At::fault,
              "extra inputs are not permitted|extraneous key|invalid beta flag|"
              "unexpected value(s)*header|long context beta is not|"
              "must be verified to generate|is not supported with this model|"
              "invalid signature in|unknown parameter"},

      WordRow{About::overload, At::crowded,
              "overloaded|overload|high demand|capacity exceeded|no capacity|at capacity|"
              "over capacity|too many connections|too busy|server busy|server is busy|is busy|"
              "currently unavailable|temporarily unavailable|high traffic|heavy traffic|"
              "experiencing "
              "high|负载已饱和|负载已达到上限|负载已经达到上限|负载过高|过载|繁忙|访问量过大|"
              "loading model|unable to handle additional requests|all*accounts*rate limited|"
              "no deployments available|no available*accounts|temporarily rate-limited upstream"},
      WordRow{About::account, At::any, "exceeded your current quota"},
      WordRow{About::limit, At::failure,
              "rate limit exceeded|rate limit reached|rate limited|too many requests|"
              "rate exceeded|usage limit reached|usage limit exceeded"},
      WordRow{About::limit, At::fault,
              "rate limit exceeded|rate limit reached|too many requests|rate exceeded"},
  };
  return rows;
}

std::span<const NameRow> plain_names() {
  static constexpr std::array rows{
      NameRow{About::limit, At::any,
              "rate_limit* *rate_limit *rate_limited *rate_limit_exceeded *rate_limit_reached "
              "too_many_requests *throttl* request_burst_too_fast *usage_limit* "
              "*free_usage_exhausted *quota_exceeded *quota_exhausted service_quota* "
              "*limit_exceeded *concurrency* max_parallel* resource_exhausted"},
      NameRow{About::key, At::fault, "access_denied permission_denied not_authorized"},
      NameRow{About::provider, At::not_limit,
              "internal* server server_* *upstream* bad_gateway *timeout* deadline_exceeded "
              "model_error api do_request_failed bad_response*"},
  };
  return rows;
}

}  // namespace ccrelay::provider
