/**
 * From conference data as JSON (ConferenceDataMarkup of apps.extensions.markup) to
 * ConferenceDataService objects.
 */

/**
 * @param {JsonObject} body the server's answer
 * @returns {GoogleAppsScript.Conference_Data.ConferenceData}
 * @throws {Error} when it is no conference that Calendar would take
 */
function renderConference_(body) {
  const action = objectIn_(calendarActionIn_(body).createConferenceDataActionMarkup);
  const data = objectIn_(action.createConferenceData);
  if (has_(data, 'error')) return renderConferenceError_(objectIn_(data.error));
  const builder = ConferenceDataService.newConferenceDataBuilder()
    .setConferenceId(textIn_(data.conferenceId))
    .setConferenceSolutionId(textIn_(data.conferenceSolutionId));
  for (const point of listIn_(data.entryPoints)) {
    builder.addEntryPoint(renderEntryPoint_(objectIn_(point)));
  }
  for (const parameter of listIn_(data.parameters)) {
    const { key, value } = objectIn_(parameter);
    builder.addConferenceParameter(
      ConferenceDataService.newConferenceParameter().setKey(textIn_(key)).setValue(textIn_(value))
    );
  }
  if (textIn_(data.note)) builder.setNotes(textIn_(data.note));
  return builder.build();
}

/**
 * Apps Script has no label for entry points; the JSON's one is left out.
 *
 * @param {JsonObject} point
 * @returns {GoogleAppsScript.Conference_Data.EntryPoint}
 */
function renderEntryPoint_(point) {
  const rendered = ConferenceDataService.newEntryPoint()
    .setEntryPointType(entryPointType_(textIn_(point.type)))
    .setUri(textIn_(point.uri));
  if (textIn_(point.meetingCode)) rendered.setMeetingCode(textIn_(point.meetingCode));
  if (textIn_(point.accessCode)) rendered.setAccessCode(textIn_(point.accessCode));
  if (textIn_(point.passcode)) rendered.setPasscode(textIn_(point.passcode));
  if (textIn_(point.password)) rendered.setPassword(textIn_(point.password));
  if (textIn_(point.pin)) rendered.setPin(textIn_(point.pin));
  if (textIn_(point.regionCode)) rendered.setRegionCode(textIn_(point.regionCode));
  for (const feature of listIn_(point.features)) {
    const features = ConferenceDataService.EntryPointFeature;
    if (feature === 'TOLL') rendered.addFeature(features.TOLL);
    if (feature === 'TOLL_FREE') rendered.addFeature(features.TOLL_FREE);
  }
  return rendered;
}

/**
 * @param {string} name
 * @returns {GoogleAppsScript.Conference_Data.EntryPointType}
 * @throws {Error} when there is no such type
 */
function entryPointType_(name) {
  const types = ConferenceDataService.EntryPointType;
  if (name === 'VIDEO') return types.VIDEO;
  if (name === 'PHONE') return types.PHONE;
  if (name === 'SIP') return types.SIP;
  if (name === 'MORE') return types.MORE;
  throw new Error('unknown entry point type');
}

/**
 * @param {JsonObject} error `{type, authenticationUrl}`
 * @returns {GoogleAppsScript.Conference_Data.ConferenceData}
 * @throws {Error} when it asks to sign in but not where
 */
function renderConferenceError_(error) {
  const rendered = ConferenceDataService.newConferenceError().setConferenceErrorType(
    conferenceErrorType_(textIn_(error.type))
  );
  if (error.type === 'AUTHENTICATION') {
    rendered.setAuthenticationUrl(textIn_(error.authenticationUrl));
  }
  return ConferenceDataService.newConferenceDataBuilder().setError(rendered).build();
}

/**
 * @param {string} name
 * @returns {GoogleAppsScript.Conference_Data.ConferenceErrorType}
 */
function conferenceErrorType_(name) {
  const types = ConferenceDataService.ConferenceErrorType;
  if (name === 'AUTHENTICATION') return types.AUTHENTICATION;
  if (name === 'CONFERENCE_SOLUTION_FORBIDDEN') return types.CONFERENCE_SOLUTION_FORBIDDEN;
  if (name === 'PERMANENT') return types.PERMANENT;
  if (name === 'PERMISSION_DENIED') return types.PERMISSION_DENIED;
  if (name === 'TEMPORARY') return types.TEMPORARY;
  return types.UNKNOWN;
}
